package io.gohsp.soft;

import io.gohsp.plan.PruningPlan;
import io.gohsp.train.StepRule;

/** What a method does in each step before the cut. Decides what is cut in the end. */
public interface PruningRule extends StepRule {
  /** What is going to be kept, as it stands. */
  PruningPlan plan();
}
