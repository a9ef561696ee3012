package io.gohsp.pipeline;

import io.gohsp.data.Splits;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.method.TrainedMethod;
import io.gohsp.plan.InvalidOption;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.study.Goal;
import io.gohsp.train.Recipe;
import io.gohsp.train.Teaching;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What was said about how data is used to prune. What was not is as {@link PruningDefaults} has it.
 *
 * @param method decides what stays
 * @param calibration training samples to measure on and to correct by; null if not stated
 * @param rotated whether the columns of heads are written in the best basis before any goes
 * @param recovery closed-form correction; null for none
 * @param softEpochs passes over the data before the cut; null if not stated
 * @param epochs passes after it; null if not stated
 * @param training how is trained
 */
public record DataUse(
    TrainedMethod method,
    @Nullable Integer calibration,
    boolean rotated,
    @Nullable RecoverySettings recovery,
    @Nullable Integer softEpochs,
    @Nullable Integer epochs,
    Training training) {
  /**
   * How is trained.
   *
   * @param recipe what is said of it, made of the standard; epochs and seed do not count
   * @param rated whether that says the learning rate, which stays what it is then even if little
   *     has to be repaired
   * @param teaching what towards
   */
  public record Training(UnaryOperator<Recipe> recipe, boolean rated, Teaching teaching) {}

  /**
   * @throws InvalidOption if a number makes no sense, or there are passes before a cut that is made
   *     at once
   */
  public DataUse {
    requirePasses("--soft-epochs", softEpochs);
    requirePasses("--epochs", epochs);
    if (!method.isGradual() && softEpochs != null && softEpochs > 0) {
      throw new InvalidOption(
          "--soft-epochs: the method %s cuts at once; leave it out, or choose the method gohsp"
              .formatted(method.name()));
    }
  }

  private static void requirePasses(String option, @Nullable Integer passes) {
    if (passes != null && passes < 0) {
      throw new InvalidOption(option + " " + passes + " makes no sense; give 0 or more");
    }
  }

  /** What a pipeline is to do with these parts of the data. */
  PruningSettings settings(
      Model model,
      Splits splits,
      Goal goal,
      Verification verification,
      PruningSettings.Origin origin) {
    Recipe base = training.recipe().apply(PruningDefaults.training(model));
    int before = softEpochs == null ? PruningDefaults.softEpochs(method) : softEpochs;
    int after = epochs == null ? PruningDefaults.tuneEpochs(before) : epochs;
    Recipe soft = method.isGradual() ? passes(base, before, origin.seed()) : null;
    Recipe tune = passes(base, after, origin.seed());
    int samples = splits.train().size();
    boolean brief = PruningDefaults.isBrief(seen(soft, samples) + seen(tune, samples), samples);
    return new PruningSettings(
        method,
        goal,
        rotated,
        recovery,
        new PruningSettings.Training(
            soft,
            tune,
            brief && !training.rated(),
            training
                .teaching()
                .supervision(splits.train().isLabelled(), PruningDefaults.distillation(brief))),
        verification,
        origin);
  }

  private static @Nullable Recipe passes(Recipe base, int passes, long seed) {
    return passes == 0 ? null : base.withEpochs(passes).withSeed(seed);
  }

  /** Samples that are trained on, each as often as that happens. */
  private static long seen(@Nullable Recipe recipe, int samples) {
    return recipe == null ? 0 : recipe.seen(samples);
  }
}
