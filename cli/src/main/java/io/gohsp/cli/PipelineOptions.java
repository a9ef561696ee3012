package io.gohsp.cli;

import io.gohsp.method.GivenPlan;
import io.gohsp.method.OneShot;
import io.gohsp.method.TrainedMethod;
import io.gohsp.pipeline.DataUse;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.plan.PruningPlan;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How data is used to prune, and for how long. What is not given is as in {@link PruningDefaults}.
 */
final class PipelineOptions {
  @Mixin private DataUseOptions use = new DataUseOptions();

  @Option(
      names = "--soft-epochs",
      paramLabel = "N",
      description =
          "Passes over the data before the cut; 0 for none. Default: the method's part of 8 passes,"
              + " 0 for gohsp, 4 for sgmp and taylor, 6 for s2vite; the others cut at once.")
  private @Nullable Integer softEpochs;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Passes over the data after the cut; 0 for none. Default: the rest of 8 passes, so that all"
              + " methods train as long.")
  private @Nullable Integer epochs;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "Keep plan, checkpoints and logs there; the same command again continues.")
  private @Nullable Path work;

  DataUseOptions use() {
    return use;
  }

  /** Whether it was said how long is trained after the cut. */
  boolean saysEpochs() {
    return epochs != null;
  }

  @Nullable Path work() {
    return work;
  }

  /**
   * How data is used.
   *
   * @param name of the method; null for the default
   */
  DataUse use(@Nullable String name, long seed) {
    return use(use.method(name, seed));
  }

  /** Likewise, to cut what a plan says. */
  DataUse use(PruningPlan plan, long seed) {
    return use(new OneShot(new GivenPlan(plan), seed));
  }

  private DataUse use(TrainedMethod method) {
    use.requireRead(List.of(method.name()));
    RecipeOptions recipes = use.recipes();
    return new DataUse(
        method,
        use.study().calibration(),
        use.study().isRotated(),
        use.recovery(),
        softEpochs,
        epochs,
        new DataUse.Training(recipes::recipe, recipes.saysRate(), use.teaching()));
  }
}
