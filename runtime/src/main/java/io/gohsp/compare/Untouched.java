package io.gohsp.compare;

import io.gohsp.method.PruningMethod;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.Share;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Removes nothing, so that the control is a run like all others. */
final class Untouched implements PruningMethod {
  private static final Share ALL = new Share.Percent(100);

  /** Everything stays. */
  static final SelectionOptions EVERYTHING = SelectionOptions.of(ALL, ALL, ALL, ALL);

  @Override
  public String name() {
    return Cell.DENSE;
  }

  @Override
  public String description() {
    return "removes nothing: the dense model, trained as long as what is pruned";
  }

  @Override
  public PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed) {
    return PlanSelector.select(
        model, MagnitudeImportance.of(model), EVERYTHING, Map.of("method", name()));
  }
}
