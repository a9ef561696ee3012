package io.gohsp.cli;

import io.gohsp.data.Augmentation;
import io.gohsp.data.DataException;
import io.gohsp.data.DataSource;
import io.gohsp.data.Dataset;
import io.gohsp.data.Datasets;
import io.gohsp.data.Images;
import io.gohsp.data.Preprocessing;
import io.gohsp.data.Samples;
import io.gohsp.ir.ValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which data a command reads, and how a picture becomes the model's input. */
final class DataOptions {
  @Option(
      names = "--data",
      paramLabel = "DATA",
      description =
          "CIFAR binary batches, an image folder or a zip of one, IDX files, an .npz file with an"
              + " array named as each input (and one named labels for classes), or the name digits.")
  private @Nullable String data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A preprocessor_config.json that says how pictures are prepared.")
  private @Nullable Path config;

  @Option(
      names = "--mean",
      paramLabel = "M",
      split = ",",
      description =
          "Mean of each channel, or one for all (default: ImageNet's for three, 0.5 for one).")
  private List<Double> mean = new ArrayList<>();

  @Option(
      names = "--std",
      paramLabel = "S",
      split = ",",
      description =
          "Standard deviation of each channel, or one for all (default: ImageNet's for three, 0.5"
              + " for one).")
  private List<Double> std = new ArrayList<>();

  @Option(
      names = "--image-size",
      paramLabel = "HxW",
      description = "Height and width of pictures, where the model leaves them open.")
  private @Nullable String imageSize;

  @Option(
      names = "--mask",
      paramLabel = "INPUT",
      description =
          "The model's input that is not 0 where a token counts, [samples, tokens] (default: whatever"
              + " keeps tokens from being looked at). Padding is left out of all that is measured.")
  private @Nullable String mask;

  /** The input that says which tokens count; null to find it. */
  @Nullable String mask() {
    return mask;
  }

  /** Whether {@code --data} was given. */
  boolean isGiven() {
    return data != null;
  }

  /** What is read, where it is files; no output may replace one of them. */
  List<Path> files() {
    Path read = data == null || data.equals(Datasets.DIGITS) ? null : Path.of(data);
    return Stream.of(read, config).filter(Objects::nonNull).toList();
  }

  /**
   * Opens the data.
   *
   * @throws UsageError if {@code --data} was not given
   * @throws DataException if nothing usable is there
   */
  DataSource open() {
    if (data == null) {
      throw new UsageError("--data is missing; name what is to be read");
    }
    return Datasets.open(data);
  }

  /**
   * The samples of a dataset as a model takes them.
   *
   * @param inputs the model's inputs
   * @param augmentation {@link Augmentation#NONE} except in training
   * @throws UsageError if the options contradict each other or do not fit
   * @throws DataException if data and model do not fit together
   */
  Samples samples(
      Dataset dataset, Map<String, ? extends ValueType> inputs, Augmentation augmentation) {
    if (dataset instanceof Images images) {
      return Samples.of(images, preprocessing(inputs), augmentation);
    }
    if (config != null || imageSize != null || !mean.isEmpty() || !std.isEmpty()) {
      throw new UsageError(
          "--config, --mean, --std and --image-size are for pictures, but the data are arrays;"
              + " leave them out");
    }
    return Samples.of(dataset, inputs, null, augmentation);
  }

  /** Says how samples become inputs, for comparing runs. */
  String preparation(Dataset dataset, Map<String, ? extends ValueType> inputs) {
    return dataset instanceof Images ? preprocessing(inputs).toString() : "as they are";
  }

  /** How pictures are prepared for a model with these inputs. */
  private Preprocessing preprocessing(Map<String, ? extends ValueType> inputs) {
    if (config != null && imageSize != null) {
      throw new UsageError("--config states the image size already; leave out --image-size");
    }
    Preprocessing base =
        config == null
            ? Preprocessing.forInput(inputs, size())
            : Preprocessing.fromConfig(config, inputs);
    if (mean.isEmpty() && std.isEmpty()) {
      return base;
    }
    try {
      return base.withNormalisation(
          base.scale(),
          mean.isEmpty() ? base.mean() : mean,
          std.isEmpty() ? base.std() : std,
          "from the command line");
    } catch (IllegalArgumentException e) {
      throw new UsageError("--mean " + mean + " --std " + std + ": " + e.getMessage());
    }
  }

  private int @Nullable [] size() {
    if (imageSize == null) {
      return null;
    }
    String[] edges = imageSize.toLowerCase(java.util.Locale.ROOT).split("x", -1);
    try {
      int[] numbers = Arrays.stream(edges).mapToInt(Integer::parseInt).toArray();
      if (numbers.length <= 2 && Arrays.stream(numbers).allMatch(edge -> edge > 0)) {
        return new int[] {numbers[0], numbers[numbers.length - 1]};
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new UsageError("--image-size " + imageSize + " is no size; give 224 or 224x192");
  }
}
