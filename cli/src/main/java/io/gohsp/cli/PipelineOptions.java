package io.gohsp.cli;

import io.gohsp.method.GivenPlan;
import io.gohsp.method.OneShot;
import io.gohsp.method.TrainedMethod;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.plan.PruningPlan;
import io.gohsp.train.Recipe;
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
   * The method of a name.
   *
   * @param name null for the default
   */
  TrainedMethod method(@Nullable String name, long seed) {
    return checked(use.method(name, seed));
  }

  /** A plan as a method. */
  TrainedMethod method(PruningPlan plan, long seed) {
    return checked(new OneShot(new GivenPlan(plan), seed));
  }

  private TrainedMethod checked(TrainedMethod method) {
    if (!method.isGradual() && softEpochs != null && softEpochs > 0) {
      throw new UsageError(
          "--soft-epochs: the method "
              + method.name()
              + " cuts at once; leave it out, or choose the method gohsp");
    }
    use.requireRead(List.of(method.name()));
    return method;
  }

  /** Training before the cut; null for none. */
  @Nullable Recipe soft(TrainedMethod method, Recipe base, long seed) {
    return method.isGradual() ? recipe("--soft-epochs", before(method), base, seed) : null;
  }

  /** Training after the cut; null for none. */
  @Nullable Recipe tune(TrainedMethod method, Recipe base, long seed) {
    int passes = epochs == null ? PruningDefaults.tuneEpochs(before(method)) : epochs;
    return recipe("--epochs", passes, base, seed);
  }

  private int before(TrainedMethod method) {
    return softEpochs == null ? PruningDefaults.softEpochs(method) : softEpochs;
  }

  private @Nullable Recipe recipe(String option, int passes, Recipe base, long seed) {
    if (passes < 0) {
      throw new UsageError(option + " " + passes + " makes no sense; give 0 or more");
    }
    return passes == 0 ? null : use.recipes().recipe(base.withEpochs(passes), seed);
  }
}
