package io.gohsp.method;

import io.gohsp.calibration.SalienceImportance;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.selection.Importance;
import java.util.List;

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
    Importance importance = salience(evidence);
    return new Findings(Selection.planner(name(), evidence.working(), importance), List.of());
  }

  /** Measures it on the calibration samples. */
  static Importance salience(Evidence evidence) {
    evidence.progress().accept("measuring what the loss depends on");
    return SalienceImportance.measure(
        evidence.working(),
        CalibrationLoss.of(evidence.working(), evidence.labelled()),
        evidence.calibration());
  }
}
