package io.gohsp.cli;

import io.gohsp.data.Augmentation;
import io.gohsp.train.OptimizerSettings;
import io.gohsp.train.Recipe;
import io.gohsp.train.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How a model is trained, but for how long. What is not given is the command's to say; the help
 * states {@link Recipe#STANDARD}.
 */
final class RecipeOptions {
  @Option(
      names = "--epoch-size",
      paramLabel = "N",
      description = "Training samples in an epoch, drawn anew for each (default: all).")
  private @Nullable Integer epochSize;

  @Option(names = "--batch", paramLabel = "N", description = "Samples in a batch (default: 64).")
  private @Nullable Integer batch;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Batches whose gradients are averaged for one update (default: 1).")
  private @Nullable Integer accumulate;

  @Option(
      names = "--lr",
      paramLabel = "F",
      description =
          "Peak learning rate (default: 5e-4; in prune and compare, where training makes less than"
              + " one and a half passes over the data, what is to be repaired says how much less after the cut).")
  private @Nullable Double rate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description =
          "cosine, one-cycle (moves the momentum too), step or constant (default: cosine).")
  private @Nullable String schedule;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "Updates in which the learning rate rises; one-cycle has its own (default: 20).")
  private @Nullable Integer warmup;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "adamw, or sgd with Nesterov momentum 0.9 (default: adamw).")
  private @Nullable String optimizer;

  @Option(
      names = "--weight-decay",
      paramLabel = "F",
      description = "Of matrices; biases, norms and tokens have none (default: 0.05).")
  private @Nullable Double weightDecay;

  @Option(
      names = "--clip",
      paramLabel = "F",
      description = "Greatest norm of all gradients together; 0 for no limit (default: 1).")
  private @Nullable Double clip;

  @Option(
      names = "--ema",
      paramLabel = "F",
      description = "Measure and keep a running average of the weights, such as 0.999.")
  private @Nullable Double average;

  @Option(
      names = "--smoothing",
      paramLabel = "F",
      description = "Share of each label that is spread over all classes, such as 0.1.")
  private double smoothing;

  @Option(
      names = "--augment",
      paramLabel = "LIST",
      split = ",",
      description = "Of training pictures: flip, pad=N, crop, mixup=F; separated by commas.")
  private List<String> augment = new ArrayList<>();

  @Option(
      names = "--keep",
      paramLabel = "WHICH",
      description = "The best epoch by validation, or the last (default: best; in compare last).")
  private @Nullable String keep;

  /**
   * A recipe.
   *
   * @param base what was not given, the epochs and the seed
   */
  Recipe recipe(Recipe base) {
    return new Recipe(
        base.epochs(),
        base.stopAfter(),
        or(epochSize, base.epochSize()),
        base.steps(),
        or(batch, base.batch()),
        or(accumulate, base.accumulate()),
        or(rate, base.rate()),
        schedule == null ? base.schedule() : schedule(schedule),
        or(warmup, base.warmup()),
        optimizer(base.optimizer()),
        or(clip, base.clip()),
        or(average, base.average()),
        keep == null ? base.keep() : keep(keep),
        base.seed());
  }

  /** Whether the learning rate was given. */
  boolean saysRate() {
    return rate != null;
  }

  /** The size of a batch if it was given. */
  @Nullable Integer batch() {
    return batch;
  }

  private static <T> T or(@Nullable T given, T standard) {
    return given == null ? standard : given;
  }

  private static Schedule schedule(String schedule) {
    return Arrays.stream(Schedule.values())
        .filter(known -> known.label().equals(schedule))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageError(
                    "--schedule %s is not known; give one of %s"
                        .formatted(
                            schedule,
                            Arrays.stream(Schedule.values())
                                .map(Schedule::label)
                                .collect(Collectors.joining(", ")))));
  }

  private OptimizerSettings optimizer(OptimizerSettings base) {
    double decay = or(weightDecay, base.weightDecay());
    return switch (or(optimizer, base.label())) {
      case "adamw" -> OptimizerSettings.AdamW.withDecay(decay);
      case "sgd" -> new OptimizerSettings.Sgd(0.9, decay);
      default ->
          throw new UsageError("--optimizer " + optimizer + " is not known; give adamw or sgd");
    };
  }

  private static Recipe.Keep keep(String keep) {
    return switch (keep) {
      case "best" -> Recipe.Keep.BEST;
      case "last" -> Recipe.Keep.LAST;
      default -> throw new UsageError("--keep " + keep + " is not known; give best or last");
    };
  }

  double smoothing() {
    return smoothing;
  }

  Augmentation augmentation() {
    Augmentation result = Augmentation.NONE;
    for (String part : augment) {
      String[] words = part.toLowerCase(Locale.ROOT).split("=", 2);
      try {
        result =
            switch (words[0]) {
              case "flip" -> result.withFlip();
              case "crop" -> result.withCrop(Augmentation.Crop.STANDARD);
              case "pad" -> result.withPadding(Integer.parseInt(words[1]));
              case "mixup" -> result.withMixup(Double.parseDouble(words[1]));
              default -> throw new IllegalArgumentException("not known");
            };
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        throw new UsageError(
            "--augment " + part + " makes no sense; give flip, pad=4, crop or mixup=0.2");
      }
    }
    return result;
  }
}
