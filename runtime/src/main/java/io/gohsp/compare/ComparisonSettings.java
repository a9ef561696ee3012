package io.gohsp.compare;

import io.gohsp.equivalence.Verification;
import io.gohsp.latency.LatencySettings;
import io.gohsp.pipeline.PruningSettings;
import io.gohsp.plan.InvalidOption;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.study.Goal;
import io.gohsp.train.Recipe;
import io.gohsp.train.Supervision;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is compared, and on which terms. Everything but the method is the same in all cells of a
 * budget and seed.
 *
 * @param methods who takes part
 * @param goals each with a budget; all else in them is the same
 * @param seeds one run each
 * @param steps updates of each run; a method's {@link io.gohsp.method.TrainedMethod#share share}
 *     comes before the cut
 * @param recipe how everything is trained; epochs and seed are the comparison's to set
 * @param rotated whether the columns of heads are written in the best basis before any goes
 * @param recovery closed-form correction right after the cut; null for none
 * @param gentle whether learning rates after cuts are in proportion to what is to be repaired
 * @param supervision what is trained towards
 * @param verification how cuts are verified; its seed is the run's
 * @param latency how latency is measured; null for not at all
 */
public record ComparisonSettings(
    List<Entrant> methods,
    List<Goal> goals,
    List<Long> seeds,
    long steps,
    Recipe recipe,
    boolean rotated,
    @Nullable RecoverySettings recovery,
    boolean gentle,
    Supervision supervision,
    Verification verification,
    @Nullable LatencySettings latency) {
  /** One for each side of the cut. */
  public static final int LEAST_STEPS = 2;

  /**
   * @throws InvalidOption if there is nothing to compare, or something twice
   */
  public ComparisonSettings {
    methods = List.copyOf(methods);
    goals = List.copyOf(goals);
    seeds = List.copyOf(seeds);
    requireDistinct("--methods", methods, Entrant::name);
    requireDistinct("--keep-params or --keep-macs", goals, goal -> Cell.budgetOf(goal).toString());
    requireDistinct("--seeds", seeds, seed -> seed);
    if (steps < LEAST_STEPS) {
      throw new InvalidOption(
          "--steps %d makes no sense; give %d or more, for the training before and after the cut"
              .formatted(steps, LEAST_STEPS));
    }
    if (methods.stream().anyMatch(method -> method.name().equals(Cell.DENSE))) {
      throw new InvalidOption(
          "--methods " + Cell.DENSE + ": the dense model always takes part; leave it out");
    }
  }

  private static <T> void requireDistinct(String option, List<T> all, Function<T, Object> key) {
    if (all.isEmpty()) {
      throw new InvalidOption(option + ": there is nothing to compare; give at least one");
    }
    HashSet<Object> seen = new HashSet<>();
    for (T each : all) {
      Object name = key.apply(each);
      if (!seen.add(name)) {
        throw new InvalidOption(option + ": " + name + " is there twice; give each once");
      }
    }
  }

  /**
   * Updates before the cut.
   *
   * @param share of all updates, from 0 to below 1
   */
  long stepsBefore(double share) {
    return share == 0 ? 0 : Math.max(1, Math.min(steps - 1, Math.round(steps * share)));
  }

  /** What is the same in all cells, as text. */
  String terms() {
    Goal any = goals.get(0);
    return "recipe: %s; learning rate: %s; updates: %d; columns: %s; recovery: %s; teacher: %s; smoothing: %s; augmentation: %s; verification: %s; allocation: %s; align: %s; exclude: %s; floors: %s; wishes: %s; width: %s"
        .formatted(
            recipe,
            PruningSettings.Training.rate(gentle),
            steps,
            rotated ? "rotated" : "as they are",
            recovery,
            supervision.taught() ? supervision.distillation() : null,
            supervision.smoothing(),
            supervision.augmentation(),
            verification,
            any.allocation(),
            any.align(),
            any.exclude(),
            any.floors(),
            any.wishes(),
            any.width());
  }
}
