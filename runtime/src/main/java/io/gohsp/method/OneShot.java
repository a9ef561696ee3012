package io.gohsp.method;

import io.gohsp.plan.PruningPlan;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.train.ParameterStore;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A method that needs no data, in a pipeline that has some: cut at once, then fine-tuned. */
public record OneShot(PruningMethod method, long seed) implements TrainedMethod {
  @Override
  public String name() {
    return method.name();
  }

  @Override
  public String description() {
    return method.description();
  }

  @Override
  public Findings study(Evidence evidence) {
    return new Findings(method.planner(evidence.working(), seed), List.of());
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

  /** The same for every run: it is part of what tells runs apart. */
  @Override
  public String toString() {
    return name() + " with seed " + seed;
  }
}
