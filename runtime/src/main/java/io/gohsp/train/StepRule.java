package io.gohsp.train;

import io.gohsp.engine.FlatVector;
import java.util.Map;

/** Something more that is done to the weights in each step, after the optimiser's update. */
public interface StepRule {
  /** Nothing more. */
  StepRule NONE =
      new StepRule() {
        @Override
        public void afterUpdate(long step, double rate) {}

        @Override
        public Map<String, FlatVector> state() {
          return Map.of();
        }
      };

  /**
   * Changes weights.
   *
   * @param step the update that has just been made, from 0
   * @param rate its learning rate
   */
  void afterUpdate(long step, double rate);

  /** What a checkpoint has to keep beside the weights, by name; the same names always. */
  Map<String, FlatVector> state();
}
