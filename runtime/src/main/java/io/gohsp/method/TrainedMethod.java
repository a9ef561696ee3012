package io.gohsp.method;

import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.plan.PruningPlan;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.train.ParameterStore;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a model keeps by looking at data, before or while it trains. The same model, data,
 * options and seed give the same plan.
 */
public interface TrainedMethod {
  /** What the command line and plans call it. */
  String name();

  /** One line for people. */
  String description();

  /**
   * What looking at the data came to.
   *
   * @param planner makes plans for whatever budgets are tried
   * @param heads the head graphs of all blocks; empty if the method does not look at them
   */
  record Findings(Planner planner, List<RankedBlock> heads) {
    public Findings {
      heads = List.copyOf(heads);
    }
  }

  /** Looks at the data once. */
  Findings study(Evidence evidence);

  /**
   * How much of all training is meant to come before the cut, where the budget is one number of
   * steps.
   *
   * @return from 0, cut at once, to below 1
   */
  default double share() {
    return 0;
  }

  /** Whether there is a phase of training between the plan and the cut. */
  default boolean isGradual() {
    return share() > 0;
  }

  /**
   * What is done in that phase.
   *
   * @param evidence of the dense model
   * @param plan how much is to stay, and what for the time being
   * @param store the parameters in training
   * @param steps updates of the phase
   * @param listener is told from time to time how small what goes has become, where it shrinks
   * @return null if there is no such phase
   */
  default @Nullable PruningRule rule(
      Evidence evidence,
      PruningPlan plan,
      ParameterStore store,
      long steps,
      BiConsumer<Long, Remaining> listener) {
    return null;
  }
}
