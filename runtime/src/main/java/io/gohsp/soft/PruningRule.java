package io.gohsp.soft;

import io.gohsp.plan.PruningPlan;
import io.gohsp.train.StepRule;

/** What a method does in each step before the cut. Decides what is cut in the end. */
public interface PruningRule extends StepRule {
  /** What is going to be kept, as it stands. */
  PruningPlan plan();

  /**
   * Called once after the last update: what was to go by then goes, also where unreadable samples
   * left fewer updates than planned. A budget holds whatever the data is like.
   */
  default void finish() {}
}
