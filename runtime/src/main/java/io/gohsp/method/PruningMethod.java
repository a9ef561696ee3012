package io.gohsp.method;

import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.verify.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a model keeps. Has no state: the same model, options and seed give the same plan.
 */
public interface PruningMethod {
  /** What the command line and plans call it. */
  String name();

  /** One line for people. */
  String description();

  /**
   * A plan for all blocks.
   *
   * @param model normalised, see {@link WorkingModel#normalized}
   * @param options how much is to stay; null if nothing was said about it
   * @param seed of whatever is random
   * @throws ModelException.NothingToPrune if nothing can be removed, or not as much as was asked
   *     for
   * @throws InvalidOption if the options do not make sense for this method
   */
  PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed);

  /** Plans of one model for whatever options are tried. */
  @FunctionalInterface
  interface Planner {
    /** As {@link PruningMethod#plan}. */
    PruningPlan plan(@Nullable SelectionOptions options);
  }

  /**
   * For searches that try many options: what does not depend on them is computed once.
   *
   * @param model normalised
   * @param seed of whatever is random
   */
  default Planner planner(WorkingModel model, long seed) {
    return options -> plan(model, options, seed);
  }

  /**
   * How a budget is best spread: by a knapsack over what groups cost, if the method measures that.
   */
  default Allocation allocation() {
    return Allocation.UNIFORM;
  }

  /** What a model that was pruned this way must equal. */
  default Verdict.Mode mustEqual() {
    return Verdict.Mode.MASKED;
  }
}
