package io.gohsp.cli;

import io.gohsp.data.Augmentation;
import io.gohsp.data.ClassMap;
import io.gohsp.data.DataException;
import io.gohsp.data.DataSource;
import io.gohsp.data.Dataset;
import io.gohsp.data.Datasets;
import io.gohsp.data.Images;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preprocessing;
import io.gohsp.data.RecordedPreprocessing;
import io.gohsp.data.Samples;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.train.Objective;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Which data a command reads, and how a picture becomes the model's input. */
final class DataOptions {
  /** What names a file, a folder, or data that is built in. */
  static final String DATA = "--data";

  @Option(
      names = DATA,
      paramLabel = "DATA",
      description =
          "CIFAR binary batches, an image folder or a zip of one, IDX files, an .npz file with an"
              + " array named as each input (and one named labels for classes), or the name digits.")
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
      names = "--classes",
      paramLabel = "FILE",
      description =
          "Which output of the model each class folder stands for: JSON (label2id, a list of names) or"
              + " lines of \"name\" or \"name,number\"; imagenet for its synsets, which are"
              + " recognised where a model has 1,000 outputs (default: in the order of names).")
  private @Nullable String classes;

  /** What the data is for; null if nothing is known of it. */
  private @Nullable Model model;

  /** How the model says that pictures are prepared; null if it does not. */
  private @Nullable String recorded;

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

  /** Whether {@code --data} was given. */
  boolean isGiven() {
    return data != null;
  }

  /** What is read, where it is files; no output may replace one of them. */
  List<Path> files() {
    Path read = data == null || data.equals(Datasets.DIGITS) ? null : Path.of(data);
    Path map = classes == null || classes.equals(ClassMap.IMAGENET_NAME) ? null : Path.of(classes);
    return Stream.of(read, config, map).filter(Objects::nonNull).toList();
  }

  /**
   * Opens the data.
   *
   * @throws UsageError if {@code --data} was not given
   * @throws DataException if nothing usable is there
   */
  DataSource open() {
    if (data == null) {
      throw new UsageError("--data is missing; give " + Datasets.FORMS);
    }
    DataSource source = Datasets.open(data);
    try {
      return model == null ? source : fitted(source, model);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private DataSource fitted(DataSource source, Model reader) {
    DataSource read = source.forInputs(ModelInputs.of(reader));
    if (classes != null) {
      return read.numbered(ClassMap.open(classes));
    }
    Value logits = read.hasClassFolders() ? Objective.logits(reader) : null;
    return logits == null ? read : read.forOutputs(Objective.classes(reader, logits));
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
      return Samples.of(images, preprocessing(inputs), augmentation).telling(skipped::add);
    }
    if (config != null || imageSize != null || !mean.isEmpty() || !std.isEmpty()) {
      throw new UsageError(
          "--config, --mean, --std and --image-size are for pictures, but the data are arrays;"
              + " leave them out");
    }
    return Samples.of(dataset, inputs, null, augmentation).telling(skipped::add);
  }

  /** Says how samples become inputs, for comparing runs. */
  String preparation(Dataset dataset, Map<String, ? extends ValueType> inputs) {
    return dataset instanceof Images ? preprocessing(inputs).toString() : "as they are";
  }

  /**
   * Takes from models how pictures are prepared, where the command does not say it: from the first
   * that does. What data are opened for is the first.
   */
  DataOptions knowing(Model... models) {
    model = models[0];
    recorded =
        Stream.of(models)
            .map(model -> model.metadata().get(RecordedPreprocessing.KEY))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    return this;
  }

  /** Notes in a model how pictures are prepared for it. */
  void record(Dataset dataset, Model model) {
    if (dataset instanceof Images) {
      model
          .metadata()
          .put(
              RecordedPreprocessing.KEY,
              RecordedPreprocessing.write(preprocessing(ModelInputs.of(model))));
    }
  }

  /** Says how pictures become the model's input, in commands that say nothing else of the data. */
  void tell(Phases phases, DataSource source, Model model) {
    if (source.train() instanceof Images) {
      phases.tell(description(source, model));
    }
  }

  /** One line for people: what is read, and how it becomes the model's input. */
  String description(DataSource source, Model model) {
    return source.train() instanceof Images
        ? source.description() + "; " + preprocessing(ModelInputs.of(model)).description()
        : source.description();
  }

  /** How pictures are prepared for a model with these inputs. */
  private Preprocessing preprocessing(Map<String, ? extends ValueType> inputs) {
    if (config != null && imageSize != null) {
      throw new UsageError("--config states the image size already; leave out --image-size");
    }
    Preprocessing base = stated(inputs);
    if (mean.isEmpty() && std.isEmpty()) {
      return base;
    }
    try {
      return base.withNormalisation(
          isOfPixels(mean) && isOfPixels(std) ? 1 : base.scale(),
          mean.isEmpty() ? base.mean() : mean,
          std.isEmpty() ? base.std() : std,
          "from the command line");
    } catch (IllegalArgumentException e) {
      throw new UsageError("--mean " + mean + " --std " + std + ": " + e.getMessage());
    }
  }

  /** By the file, by the model, or by what its input suggests. */
  private Preprocessing stated(Map<String, ? extends ValueType> inputs) {
    if (config != null) {
      return Preprocessing.fromConfig(config, inputs);
    }
    return recorded == null || imageSize != null
        ? Preprocessing.forInput(inputs, size())
        : RecordedPreprocessing.read(recorded, inputs);
  }

  /** Whether numbers are of pixels from 0 to 255, as some frameworks have them. */
  private static boolean isOfPixels(List<Double> numbers) {
    return !numbers.isEmpty() && numbers.stream().allMatch(Preprocessing::isOfPixels);
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
