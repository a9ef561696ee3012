package io.gohsp.soft;

import io.gohsp.engine.FlatVector;
import io.gohsp.selection.Importance;
import java.util.Map;

/** Scores of groups by the weights in training. */
interface RunningScores {
  /** Takes note of the gradients of a batch. */
  default void note() {}

  /** The scores, none negative; what was noted before does not count from here on. */
  Importance take();

  /** What a checkpoint has to keep, by name. */
  default Map<String, FlatVector> state() {
    return Map.of();
  }
}
