package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import java.util.Collection;
import java.util.Map;

/**
 * Something more that is done in each step, before and after the optimiser's update. What it
 * remembers from step to step it gives to checkpoints: vectors, and a text for all else.
 */
public interface StepRule {
  /** Nothing more. */
  StepRule NONE = (step, rate) -> {};

  /**
   * Sees the gradients of an update, and may change them, before they are clipped: what it reads is
   * what the batch says, and what it zeroes has no part in the norm that is clipped.
   *
   * @param step the update that is about to be made, from 0
   */
  default void beforeUpdate(long step) {}

  /**
   * Changes weights.
   *
   * @param step the update that has just been made, from 0
   * @param rate its learning rate
   */
  void afterUpdate(long step, double rate);

  /**
   * Is given, before anything else, what the optimiser remembers of each parameter, so that it can
   * be forgotten with the weight. The optimiser keeps it in checkpoints.
   *
   * @param vectors of the store
   */
  default void moments(Collection<FlatVector> vectors) {}

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
