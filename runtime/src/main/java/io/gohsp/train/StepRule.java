package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import java.util.Map;

/**
 * Something more that is done to the weights in each step, after the optimiser's update. What it
 * remembers from step to step it gives to checkpoints: vectors, and a text for all else.
 */
public interface StepRule {
  /** Nothing more. */
  StepRule NONE = (step, rate) -> {};

  /**
   * Changes weights.
   *
   * @param step the update that has just been made, from 0
   * @param rate its learning rate
   */
  void afterUpdate(long step, double rate);

  /** What a checkpoint has to keep beside the weights, by name; the same names always. */
  default Map<String, FlatVector> state() {
    return Map.of();
  }

  /** What else a checkpoint has to keep. */
  default String memo() {
    return "";
  }

  /** Goes on from a checkpoint, whose vectors are back already. */
  default void restore(String memo) {}
}
