package io.gohsp.method;

import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Importance;
import io.gohsp.soft.DropAndRegrow;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.train.ParameterStore;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Structured sparse training (METHOD.md section 7): the model trains at the density of the plan
 * from the start, and now and then the worst groups of each layer are dropped and others brought
 * back. What of it is our choice, {@link DropAndRegrow} says; also that it starts from the
 * pretrained weights, with what {@link Ssp} would keep, and that there are twenty rounds.
 *
 * @param rounds over the phase before the cut, with a trade between two
 * @param first part of the active groups that would be traded at the start
 * @param last part traded at the end; between them a cosine
 */
public record S2Vite(int rounds, double first, double last) implements TrainedMethod {
  /** The parts are the source's. */
  public static final S2Vite STANDARD = new S2Vite(20, 0.5, 0.005);

  @Override
  public String name() {
    return "s2vite";
  }

  @Override
  public String description() {
    return "trains at the final density, and trades the worst groups for others on the way";
  }

  @Override
  public Findings study(Evidence evidence) {
    Importance importance = Ssp.salience(evidence);
    return new Findings(Selection.planner(name(), evidence.working(), importance), List.of());
  }

  @Override
  public double share() {
    return 0.8;
  }

  @Override
  public PruningRule rule(
      Evidence evidence,
      PruningPlan plan,
      ParameterStore store,
      long steps,
      BiConsumer<Long, Remaining> listener) {
    return new DropAndRegrow(evidence.working(), store, plan, steps, rounds, first, last);
  }
}
