package io.gohsp.method;

import io.gohsp.calibration.SalienceImportance;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.plan.Importance;
import io.gohsp.plan.PruningPlan;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.train.ParameterStore;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Salience-based structured pruning (METHOD.md section 7): heads by how much the loss depends on
 * their outputs, neurons by the l1 norms of their weights, all at once. What columns score is our
 * choice, see {@link SalienceImportance}.
 */
public record Ssp() implements TrainedMethod {
  @Override
  public String name() {
    return "ssp";
  }

  @Override
  public String description() {
    return "removes heads of least salience and neurons with the smallest weights, at once";
  }

  @Override
  public Findings study(Evidence evidence) {
    evidence.progress().accept("measuring what the loss depends on");
    Importance importance =
        SalienceImportance.measure(
            evidence.working(),
            CalibrationLoss.of(evidence.working(), evidence.labelled()),
            evidence.calibration());
    return new Findings(Selection.planner(name(), evidence.working(), importance), List.of());
  }

  @Override
  public double share() {
    return 0;
  }

  @Override
  public @Nullable PruningRule rule(
      Evidence evidence,
      PruningPlan plan,
      ParameterStore store,
      long steps,
      BiConsumer<Long, Remaining> listener) {
    return null;
  }
}
