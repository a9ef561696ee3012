package io.gohsp.data;

import io.gohsp.ir.Model;
import io.gohsp.plan.InvalidOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which samples are read, and how they become a model's input. What is not said here is taken from
 * the metadata of the models that {@link #open} is given, else from their inputs. A value: each
 * method returns another.
 *
 * <pre>{@code
 * DataSpec.of("pictures/").config(Path.of("preprocessor_config.json")).classes("classes.json")
 * }</pre>
 *
 * @param data a directory or file of pictures or arrays, the name {@link Datasets#DIGITS}, or on
 *     Apache Spark an address ({@link Datasets#isAddress})
 * @param config a file that says how pictures are prepared; null if none does
 * @param mean what is subtracted from each channel, or one for all; empty if not stated
 * @param std what is divided by then; empty if not stated
 * @param imageSize of pictures, where the model leaves it open; null if not stated
 * @param classes which output each class folder stands for, see {@link ClassMap#open}; null for
 *     their order
 * @param mask the input that is not 0 where a token counts, [samples, tokens]; null to find it
 */
public record DataSpec(
    String data,
    @Nullable Path config,
    List<Double> mean,
    List<Double> std,
    @Nullable ImageSize imageSize,
    @Nullable String classes,
    @Nullable String mask) {

  /** Height and width in pixels. */
  public record ImageSize(int height, int width) {
    /**
     * Reads {@code 224} or {@code 224x192}, the height first.
     *
     * @throws InvalidOption if it is neither
     */
    public static ImageSize parse(String text) {
      String[] edges = text.toLowerCase(Locale.ROOT).split("x", -1);
      try {
        int[] numbers = Stream.of(edges).mapToInt(Integer::parseInt).toArray();
        if (numbers.length <= 2 && Stream.of(edges).allMatch(e -> Integer.parseInt(e) > 0)) {
          return new ImageSize(numbers[0], numbers[numbers.length - 1]);
        }
      } catch (NumberFormatException e) {
        // said below
      }
      throw new InvalidOption("--image-size " + text + " is no size; give 224 or 224x192");
    }

    int[] edges() {
      return new int[] {height, width};
    }
  }

  /**
   * @throws InvalidOption if the image size is stated twice
   */
  public DataSpec {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (config != null && imageSize != null) {
      throw new InvalidOption("--config states the image size already; leave out --image-size");
    }
  }

  /** Samples as the model's metadata or input suggest. */
  public static DataSpec of(String data) {
    return new DataSpec(data, null, List.of(), List.of(), null, null, null);
  }

  /** The same, prepared as a {@code preprocessor_config.json} or the like says. */
  public DataSpec config(Path file) {
    return new DataSpec(data, file, mean, std, imageSize, classes, mask);
  }

  /**
   * The same, normalised so; of pixels from 0 to 1, or where both are of such, from 0 to 255.
   *
   * @param newMean one for each channel, or one for all; empty for what is stated elsewhere
   * @param newStd likewise
   */
  public DataSpec normalised(List<Double> newMean, List<Double> newStd) {
    return new DataSpec(data, config, newMean, newStd, imageSize, classes, mask);
  }

  /** The same with pictures of this size, where the model leaves it open. */
  public DataSpec imageSize(int height, int width) {
    return new DataSpec(data, config, mean, std, new ImageSize(height, width), classes, mask);
  }

  /** The same with class folders numbered by a file, or {@link ClassMap#IMAGENET_NAME}. */
  public DataSpec classes(String map) {
    return new DataSpec(data, config, mean, std, imageSize, map, mask);
  }

  /** The same with an input that says which tokens count. */
  public DataSpec mask(String input) {
    return new DataSpec(data, config, mean, std, imageSize, classes, input);
  }

  /** What is read, where it is files: no output may replace one of them. */
  public List<Path> files() {
    boolean named = Datasets.isBuiltIn(data) || Datasets.isAddress(data);
    Path read = named ? null : Path.of(data);
    Path map = classes == null || ClassMap.isBuiltIn(classes) ? null : Path.of(classes);
    return Stream.of(read, config, map).filter(Objects::nonNull).toList();
  }

  /** Whether it is said how pictures are prepared. */
  boolean isAboutPictures() {
    return imageSize != null || saysNormalisation();
  }

  /** Whether it is said what pixels become. */
  boolean saysNormalisation() {
    return config != null || !mean.isEmpty() || !std.isEmpty();
  }

  /**
   * Opens the data.
   *
   * @param model what they are for
   * @param others models whose metadata may say how pictures are prepared, if its do not
   * @throws DataException if nothing usable is there, or it does not fit the model
   */
  public ModelData open(Model model, Model... others) {
    return ModelData.open(this, model, List.of(others));
  }
}
