package io.gohsp.data;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.plan.InvalidOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Data that were opened for a model: its samples, made ready for whatever model takes the same
 * inputs. Owns the open files.
 */
public final class ModelData implements Preparation, AutoCloseable {
  private final DataSpec spec;
  private final Model model;
  private final DataSource source;

  private Consumer<String> skipped = sample -> {};

  /** How the models say that pictures are prepared; null if none does. */
  private final @Nullable String recorded;

  private ModelData(DataSpec spec, Model model, DataSource source, @Nullable String recorded) {
    this.spec = spec;
    this.model = model;
    this.source = source;
    this.recorded = recorded;
  }

  static ModelData open(DataSpec spec, Model model, List<Model> others) {
    DataSource source = Datasets.open(spec.data());
    try {
      String recorded = recorded(model, others);
      boolean normalised =
          spec.saysNormalisation() || (recorded != null && spec.imageSize() == null);
      return new ModelData(spec, model, fitted(spec, source, model, normalised), recorded);
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private static DataSource fitted(
      DataSpec spec, DataSource source, Model model, boolean normalised) {
    DataSource read = source.forInputs(ModelInputs.of(model), normalised);
    if (spec.classes() != null) {
      return read.numbered(ClassMap.open(spec.classes()));
    }
    Value logits = read.hasClassFolders() ? ModelOutputs.logits(model) : null;
    return logits == null ? read : read.forOutputs(ModelOutputs.classes(model, logits));
  }

  private static @Nullable String recorded(Model model, List<Model> others) {
    return Stream.concat(Stream.of(model), others.stream())
        .map(read -> read.metadata().get(RecordedPreprocessing.KEY))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Tells of samples that cannot be used and are left out, with the reasons, on any thread. */
  public ModelData telling(Consumer<String> listener) {
    skipped = listener;
    return this;
  }

  /** What was found. */
  public DataSource source() {
    return source;
  }

  /** The input that says which tokens count; null to find it. */
  public @Nullable String mask() {
    return spec.mask();
  }

  /** Whether samples are pictures, which have to be prepared. */
  public boolean arePictures() {
    return source.train() instanceof Images;
  }

  /**
   * Compares labels with the model's class scores, if it has any.
   *
   * @throws DataException if there are labels that the model has no score for
   */
  public ModelData requireClasses() {
    Value logits = ModelOutputs.logits(model);
    if (logits != null) {
      source.requireClasses(ModelOutputs.classes(model, logits));
    }
    return this;
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidOption if the data are arrays, and it is said how pictures are prepared; or what
   *     is said does not fit the input
   */
  @Override
  public Samples samples(
      Dataset dataset, Map<String, ? extends ValueType> inputs, Augmentation augmentation) {
    if (dataset instanceof Images images) {
      return Samples.of(images, preprocessing(inputs), augmentation).telling(skipped);
    }
    Samples samples = Samples.of(dataset, inputs, null, augmentation); // what does not fit is said
    if (spec.isAboutPictures()) {
      throw new InvalidOption(
          "--config, --mean, --std and --image-size are for pictures, but the data are arrays that"
              + " are fed as they are; leave them out");
    }
    return samples.telling(skipped);
  }

  /** One line for people: what is read, and how it becomes the model's input. */
  public String description() {
    return arePictures()
        ? source.description() + "; " + preprocessing(ModelInputs.of(model)).description()
        : source.description() + "; fed as stored, without preparation";
  }

  /** What a run that goes on must find again; reads everything once. */
  public String identity() {
    return source.identity()
        + "; preparation: "
        + (arePictures() ? nameless(preprocessing(ModelInputs.of(model))) : "none")
        + "; mask: "
        + mask();
  }

  /** Numbers alone: who states what is so anyway says nothing else. */
  private static Preprocessing nameless(Preprocessing p) {
    return p.withNormalisation(p.scale(), p.mean(), p.std(), "");
  }

  /** Notes in a model's metadata how pictures are prepared for it. */
  public void record(Model written) {
    if (arePictures()) {
      written
          .metadata()
          .put(
              RecordedPreprocessing.KEY,
              RecordedPreprocessing.write(preprocessing(ModelInputs.of(written))));
    }
  }

  private static String given(String option, List<Double> numbers) {
    return numbers.isEmpty()
        ? ""
        : option + numbers.stream().map(String::valueOf).collect(Collectors.joining(",", " ", " "));
  }

  private Preprocessing preprocessing(Map<String, ? extends ValueType> inputs) {
    Preprocessing base = stated(inputs);
    List<Double> mean = spec.mean();
    List<Double> std = spec.std();
    if (mean.isEmpty() && std.isEmpty()) {
      return base;
    }
    try {
      return base.withNormalisation(
          isOfPixels(mean) && isOfPixels(std) ? 1 : base.scale(),
          mean.isEmpty() ? base.mean() : mean,
          std.isEmpty() ? base.std() : std,
          "as stated");
    } catch (IllegalArgumentException e) {
      throw new InvalidOption(
          given("--mean", mean) + given("--std", std) + "cannot be: " + e.getMessage());
    }
  }

  /** By the file, by a model's metadata, or by what the input suggests. */
  private Preprocessing stated(Map<String, ? extends ValueType> inputs) {
    if (spec.config() != null) {
      return Preprocessing.fromConfig(spec.config(), inputs);
    }
    DataSpec.ImageSize size = spec.imageSize();
    return recorded == null || size != null
        ? Preprocessing.forInput(inputs, size == null ? null : size.edges())
        : RecordedPreprocessing.read(recorded, inputs);
  }

  /** Whether numbers are of pixels from 0 to 255, as some frameworks have them. */
  private static boolean isOfPixels(List<Double> numbers) {
    return !numbers.isEmpty() && numbers.stream().allMatch(Preprocessing::isOfPixels);
  }

  @Override
  public void close() {
    source.close();
  }
}
