package io.gohsp.method;

import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Importance;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.soft.GradualPruning;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.train.ParameterStore;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Structured gradual magnitude pruning (METHOD.md section 7): as the model trains, groups whose
 * parameters are small are switched off round by round, on a cubic schedule. Our choice: the
 * planner says how much each layer keeps in the end, by the weights before training.
 *
 * @param rounds of switching off, over the phase before the cut
 */
public record Sgmp(int rounds) implements TrainedMethod {
  /** About ten rounds. */
  public static final Sgmp STANDARD = new Sgmp(10);

  @Override
  public String name() {
    return "sgmp";
  }

  @Override
  public String description() {
    return "switches off the groups with the smallest weights round by round as the model trains";
  }

  @Override
  public Findings study(Evidence evidence) {
    Importance importance = MagnitudeImportance.of(evidence.working());
    return new Findings(Selection.planner(name(), evidence.working(), importance), List.of());
  }

  @Override
  public double share() {
    return 1 / 2.0;
  }

  @Override
  public PruningRule rule(
      Evidence evidence,
      PruningPlan plan,
      ParameterStore store,
      long steps,
      BiConsumer<Long, Remaining> listener) {
    return GradualPruning.byMagnitude(evidence.working(), store, plan, steps, rounds);
  }
}
