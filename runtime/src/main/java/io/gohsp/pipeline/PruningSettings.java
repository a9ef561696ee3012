package io.gohsp.pipeline;

import io.gohsp.equivalence.Verification;
import io.gohsp.method.OneShot;
import io.gohsp.method.TrainedMethod;
import io.gohsp.plan.InvalidOption;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.study.Goal;
import io.gohsp.train.Recipe;
import io.gohsp.train.Supervision;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline is to do.
 *
 * @param method decides what stays
 * @param goal how much stays
 * @param rotated whether the columns of heads are written in the best basis before any goes
 * @param recovery closed-form correction right after the cut; null for none
 * @param training before the cut and after it
 * @param verification how the cut is verified
 * @param origin what the result is to say about where it comes from
 */
public record PruningSettings(
    TrainedMethod method,
    Goal goal,
    boolean rotated,
    @Nullable RecoverySettings recovery,
    Training training,
    Verification verification,
    Origin origin) {
  /**
   * @throws InvalidOption if nothing says how much is to stay, or an accuracy does while the method
   *     trains before it cuts
   */
  public PruningSettings {
    if (!goal.isStated() && !(method instanceof OneShot)) {
      throw new InvalidOption(
          "nothing says how much to keep; give a budget (--keep-params 0.6, --keep-macs 2.0G), a"
              + " latency (--latency 0.6), a loss of accuracy (--max-drop 1.0) or shares (--heads"
              + " 4, --neurons 75%)");
    }
    if (goal.drop() != null && training.soft() != null && method.isGradual()) {
      throw new InvalidOption(
          "--max-drop weighs what a cut loses at once, and here it is trained for first; leave out"
              + " --soft-epochs, with a method that cuts at once (gohsp, somp, ssp, random)");
    }
  }

  /** Recipes of the phases that train, in their order. */
  public List<Recipe> recipes() {
    return Stream.of(soft(), training.tune()).filter(Objects::nonNull).toList();
  }

  @Nullable Recipe soft() {
    return method.isGradual() ? training.soft() : null;
  }

  /** What decides the result, as text: all but the verification, which must pass. */
  public String terms() {
    Supervision supervision = training.supervision();
    return "method: %s; goal: %s; columns: %s; before the cut: %s; recovery: %s; after the cut: %s; learning rate: %s; teacher: %s; smoothing: %s; augmentation: %s"
        .formatted(
            method,
            goal,
            rotated ? "rotated" : "as they are",
            training.soft(),
            recovery,
            training.tune(),
            Training.rate(training.gentle()),
            supervision.taught() ? supervision.distillation() : null,
            supervision.smoothing(),
            supervision.augmentation());
  }

  /**
   * How is trained.
   *
   * @param soft before the cut; null for none, and not read if the method has no such phase
   * @param tune after the cut; null for none
   * @param gentle whether the learning rate after the cut is in proportion to what is to be
   *     repaired
   * @param supervision what towards
   */
  public record Training(
      @Nullable Recipe soft, @Nullable Recipe tune, boolean gentle, Supervision supervision) {
    /** What learning rates go by, in words. */
    public static String rate(boolean gentle) {
      return gentle ? "in proportion to what is to be repaired" : "as stated";
    }
  }

  /**
   * Where a result comes from.
   *
   * @param command what made it; null if that was no command
   * @param seed of whatever is random
   * @param data in the user's words
   */
  public record Origin(@Nullable String command, long seed, String data) {}
}
