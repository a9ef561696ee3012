package io.gohsp.method;

import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Importance;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions;
import io.gohsp.plan.SelectionOptions.Allocation;
import io.gohsp.rotation.WeightBases;
import io.gohsp.rotation.WeightLosses;
import org.jspecify.annotations.Nullable;

/**
 * Columns of heads in the basis that loses least when some go, and of everything what weights and
 * norms say costs least; a budget is spread by what that is for its size.
 */
final class Rotate implements PruningMethod {
  @Override
  public String name() {
    return "rotate";
  }

  @Override
  public String description() {
    return "combines columns of heads so that few carry most, and removes what weights say costs"
        + " least";
  }

  @Override
  public PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed) {
    return planner(model, seed).plan(options);
  }

  @Override
  public Planner planner(WorkingModel model, long seed) {
    WeightBases bases = WeightBases.of(model);
    Importance losses = WeightLosses.of(model, bases);
    Planner planner = Selection.planner(name(), model, losses);
    return options -> planner.plan(weighed(options, losses)).in(bases.bases());
  }

  /** The same for every layer is not what costs least; other ways to spread are as asked for. */
  private static @Nullable SelectionOptions weighed(
      @Nullable SelectionOptions options, Importance losses) {
    return options == null || options.budget() == null || options.allocation() != Allocation.UNIFORM
        ? options
        : options.with(Allocation.KNAPSACK).withLosses(losses);
  }
}
