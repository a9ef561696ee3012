package io.gohsp.method;

import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.SelectionOptions;
import org.jspecify.annotations.Nullable;

/** Structured one-shot magnitude pruning: groups whose parameters are small go, all at once. */
final class Somp implements PruningMethod {
  @Override
  public String name() {
    return "somp";
  }

  @Override
  public String description() {
    return "removes the groups with the smallest weights, at once";
  }

  @Override
  public PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed) {
    return planner(model, seed).plan(options);
  }

  @Override
  public Planner planner(WorkingModel model, long seed) {
    return Selection.planner(name(), model, MagnitudeImportance.of(model));
  }
}
