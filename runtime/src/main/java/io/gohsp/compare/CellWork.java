package io.gohsp.compare;

import io.gohsp.cost.Cost;
import io.gohsp.data.Splits;
import io.gohsp.pipeline.Workload;
import io.gohsp.selection.Budget;
import io.gohsp.study.Goal;

/**
 * How much there is to do for cells, against each other: what all have in common is left out. In
 * runs of one sample forward through the dense model. An update of a pruned model is taken to cost
 * what its budget leaves of the dense model's, and its study and correction what they always do
 * ({@link Workload}); what a method does beyond that is not known.
 *
 * @param dense what the unpruned model costs
 */
record CellWork(ComparisonSettings settings, Splits splits, Cost dense) {
  double of(Cell cell) {
    Entrant entrant = cell.entrant();
    Goal goal = cell.goal();
    double updates = settings.steps();
    double studied = 0;
    if (entrant != null && goal != null) {
      long before = settings.stepsBefore(entrant.method(cell.seed()).share());
      updates = before + (updates - before) * kept(Cell.budgetOf(goal));
      int correction = settings.recovery() == null ? 0 : Workload.CORRECTION;
      studied = (double) (Workload.STUDY + correction) * splits.calibration().size();
    }
    return Workload.TRAINING * updates * settings.recipe().batch() * settings.recipe().accumulate()
        + studied;
  }

  private double kept(Budget.Limit budget) {
    return (double) budget.limit(dense) / budget.spent(dense);
  }
}
