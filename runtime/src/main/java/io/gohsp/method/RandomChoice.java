package io.gohsp.method;

import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.RandomImportance;
import io.gohsp.selection.SelectionOptions;
import org.jspecify.annotations.Nullable;

/** Removes whatever the dice say: what every other method has to beat. */
final class RandomChoice implements PruningMethod {
  @Override
  public String name() {
    return "random";
  }

  @Override
  public String description() {
    return "removes groups at random: what other methods have to beat";
  }

  @Override
  public PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed) {
    return planner(model, seed).plan(options);
  }

  @Override
  public Planner planner(WorkingModel model, long seed) {
    return Selection.planner(name(), model, RandomImportance.of(model.blocks(), seed));
  }
}
