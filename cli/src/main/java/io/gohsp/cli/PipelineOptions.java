package io.gohsp.cli;

import io.gohsp.PruningDefaults;
import io.gohsp.data.DataSource;
import io.gohsp.method.Gohsp;
import io.gohsp.method.Methods;
import io.gohsp.method.TrainedMethod;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How data is used to prune. What contradicts itself is refused; what is not given is as in {@link
 * PruningDefaults}.
 */
final class PipelineOptions {
  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--calibration",
      paramLabel = "N",
      description =
          "Training samples to compare heads on (default: 256, or what there is); validation"
              + " samples never.")
  private @Nullable Integer calibration;

  @Mixin private HeadOptions heads = new HeadOptions();

  @Option(
      names = "--columns",
      paramLabel = "HOW",
      description =
          "What columns and neurons are chosen by: magnitude of their weights (default; chosen again"
              + " while the model trains), taylor, what the loss depends on, or surgeon, what the"
              + " others of their layer cannot make up for.")
  private @Nullable String columns;

  @Option(
      names = "--soft-epochs",
      paramLabel = "N",
      description =
          "Passes over the data before the cut; 0 for none. Default: the method's part of 8 passes,"
              + " 3 for gohsp, 4 for sgmp and taylor, 6 for s2vite; the others cut at once.")
  private @Nullable Integer softEpochs;

  @Option(
      names = "--recover",
      description =
          "Correct what is left in closed form right after the cut, from calibration samples.")
  private boolean recover;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Passes over the data after the cut; 0 for none. Default: the rest of 8 passes, so that all"
              + " methods train as long.")
  private @Nullable Integer epochs;

  @Mixin private RecipeOptions recipes = new RecipeOptions();

  @Option(
      names = "--no-distill",
      description = "Learn from labels alone; otherwise the dense model teaches too.")
  private boolean untaught;

  @Mixin private DistillationOptions distillation = new DistillationOptions();

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "Keep plan, checkpoints and logs there; the same command again continues.")
  private @Nullable Path work;

  DataOptions data() {
    return data;
  }

  RecipeOptions recipes() {
    return recipes;
  }

  @Nullable Path work() {
    return work;
  }

  /** How many samples are calibrated on. */
  int calibration(DataSource source) {
    if (calibration != null && calibration < 1) {
      throw new UsageError(
          "--calibration " + calibration + " compares nothing; give 1 or more samples");
    }
    return CalibrationSize.of(source, calibration);
  }

  /**
   * The method of a name.
   *
   * @param name null for the default
   */
  TrainedMethod method(@Nullable String name, long seed) {
    Gohsp standard = PruningDefaults.METHOD;
    if (name == null || name.equals(standard.name())) {
      return new Gohsp(
          heads.similarity(standard.similarity()),
          heads.chains(standard.chains()),
          heads.ranking(standard.ranking(), seed),
          columns(),
          standard.soft());
    }
    TrainedMethod method = Methods.trained(name, seed);
    if (!method.isGradual() && softEpochs != null && softEpochs > 0) {
      throw new UsageError(
          "--soft-epochs: the method "
              + name
              + " cuts at once; leave it out, or choose the method gohsp");
    }
    if (columns != null || heads.isGiven()) {
      throw new UsageError(
          (columns == null ? "options for ranking heads have" : "--columns has")
              + " no effect: the method "
              + name
              + " has scores of its own; leave them out, or choose the method gohsp");
    }
    return method;
  }

  private Gohsp.Columns columns() {
    String how = columns == null ? "" : columns.toLowerCase(Locale.ROOT);
    return switch (how) {
      case "" -> PruningDefaults.METHOD.columns();
      case "magnitude" -> Gohsp.Columns.MAGNITUDE;
      case "taylor" -> Gohsp.Columns.TAYLOR;
      case "surgeon" -> Gohsp.Columns.SURGEON;
      default ->
          throw new UsageError(
              "--columns " + columns + " is not known; give magnitude, taylor or surgeon");
    };
  }

  /** Training before the cut; null for none. */
  @Nullable Recipe soft(TrainedMethod method, Recipe base, long seed) {
    int passes = softEpochs == null ? PruningDefaults.softEpochs(method) : softEpochs;
    return method.isGradual() ? recipe("--soft-epochs", passes, base, seed) : null;
  }

  /** Correction after the cut; null for none. */
  @Nullable RecoverySettings recovery() {
    return recover ? RecoverySettings.STANDARD : null;
  }

  /** Training after the cut; null for none. */
  @Nullable Recipe tune(TrainedMethod method, Recipe base, long seed) {
    int passes = epochs == null ? PruningDefaults.tuneEpochs(method) : epochs;
    return recipe("--epochs", passes, base, seed);
  }

  private @Nullable Recipe recipe(String option, int passes, Recipe base, long seed) {
    if (passes < 0) {
      throw new UsageError(option + " " + passes + " makes no sense; give 0 or more");
    }
    return passes == 0 ? null : recipes.recipe(base.withEpochs(passes), seed);
  }

  /** Whether the dense model teaches. */
  boolean isTaught(DataSource source) {
    if (untaught && distillation.isGiven()) {
      throw new UsageError(
          "--no-distill and --distill or --temperature exclude each other; give one of them");
    }
    if (untaught && !source.isLabelled()) {
      throw new UsageError(
          "--no-distill: the data has no labels, so that only the dense model can teach; leave it"
              + " out");
    }
    return !untaught;
  }

  Objective.Distillation distillation() {
    return distillation.distillation();
  }
}
