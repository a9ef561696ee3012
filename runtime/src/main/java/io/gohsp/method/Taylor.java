package io.gohsp.method;

import io.gohsp.calibration.TaylorImportance;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.importance.Measured;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Importance;
import io.gohsp.soft.GradualPruning;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.train.ParameterStore;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Taylor pruning (METHOD.md section 7): as the model trains, groups on which the loss depends
 * least, to first order, are switched off round by round. The source has rounds, each averaged over
 * some batches; our choice: those of {@link Sgmp}, averaged over all batches of a round, and counts
 * for each layer by the planner, from the same score of the calibration samples before training.
 *
 * @param rounds of switching off, over the phase before the cut
 */
public record Taylor(int rounds) implements TrainedMethod {
  /** As many as {@link Sgmp} has. */
  public static final Taylor STANDARD = new Taylor(10);

  @Override
  public String name() {
    return "taylor";
  }

  @Override
  public String description() {
    return "switches off what the loss depends on least round by round as the model trains";
  }

  @Override
  public Findings study(Evidence evidence) {
    evidence.progress().accept("measuring what the loss depends on");
    Importance importance =
        TaylorImportance.measure(
            evidence.working(),
            CalibrationLoss.of(evidence.working(), evidence.labelled()),
            Measured.WEIGHTS,
            evidence.calibration());
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
    return GradualPruning.byTaylor(evidence.working(), store, plan, steps, rounds);
  }
}
