package io.gohsp.cli;

import io.gohsp.data.DataException;
import io.gohsp.data.DataSpec;
import io.gohsp.data.DataSpec.ImageSize;
import io.gohsp.data.Datasets;
import io.gohsp.data.ModelData;
import io.gohsp.ir.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Which data a command reads, and how a picture becomes the model's input. */
final class DataOptions {
  /** What names a file, a folder, or data that is built in. */
  static final String DATA = "--data";

  /** What numbers class folders: a file, or a name that is built in. */
  static final String CLASSES = "--classes";

  @Option(
      names = DATA,
      paramLabel = "DATA",
      description =
          "CIFAR binary batches, an image folder or a zip of one, IDX files, an .npz file with an"
              + " array named as each input (and one named labels for classes), or the name digits;"
              + " on Spark also addresses (hdfs://host/images, s3a://bucket/images).")
  private @Nullable String data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "A file that says how pictures are prepared: Hugging Face's preprocessor_config.json, timm's"
              + " config.json or open_clip's open_clip_config.json (default: what the model's metadata"
              + " say, else its input).")
  private @Nullable Path config;

  @Option(
      names = "--mean",
      paramLabel = "M",
      split = ",",
      description =
          "Mean of each channel, or one for all, of pixels from 0 to 1, or with --std from 0 to 255"
              + " (default: ImageNet's for three, 0.5 for one).")
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
      names = CLASSES,
      paramLabel = "FILE",
      description =
          "Which output of the model each class folder stands for: JSON (label2id, a list of names) or"
              + " lines of \"name\" or \"name,number\"; imagenet for its synsets, which are"
              + " recognised where a model has 1,000 outputs (default: in the order of names).")
  private @Nullable String classes;

  /** Samples that could not be used, with the reasons. */
  private final Set<String> skipped = new ConcurrentSkipListSet<>();

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

  /** Those of a command; null if it has none. */
  static @Nullable DataOptions of(CommandSpec command) {
    OptionSpec option = command.findOption(DATA);
    try {
      return option != null && option.scope().get() instanceof DataOptions options ? options : null;
    } catch (Exception e) { // what picocli's scopes may throw; that of an object does not
      throw new IllegalStateException(e);
    }
  }

  /** Samples that could not be used so far and were left out, by name, each with the reason. */
  List<String> skipped() {
    return List.copyOf(skipped);
  }

  /** Adds samples that were left out in another process. */
  void skippedElsewhere(Collection<String> samples) {
    skipped.addAll(samples);
  }

  /** Whether {@code --data} was given. */
  boolean isGiven() {
    return data != null;
  }

  /** What is read, where it is files; no output may replace one of them. */
  List<Path> files() {
    return data == null ? List.of() : spec(data).files();
  }

  /**
   * Opens the data.
   *
   * @param model what they are for
   * @param others models whose metadata may say how pictures are prepared, if its do not
   * @throws UsageError if {@code --data} was not given
   * @throws DataException if nothing usable is there
   */
  ModelData open(Model model, Model... others) {
    if (data == null) {
      throw new UsageError("--data is missing; give " + Datasets.FORMS);
    }
    return spec(data).open(model, others).telling(skipped::add);
  }

  private DataSpec spec(String read) {
    ImageSize size = imageSize == null ? null : ImageSize.parse(imageSize);
    return new DataSpec(read, config, mean, std, size, classes, mask);
  }

  /** Says how data become the model's input, in commands that say nothing else of them. */
  static void tell(Phases phases, ModelData data) {
    phases.tell(data.description());
  }
}
