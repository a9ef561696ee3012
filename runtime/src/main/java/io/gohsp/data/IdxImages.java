package io.gohsp.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * MNIST and whatever came after it in its format: {@code train-images-idx3-ubyte} and {@code
 * train-labels-idx1-ubyte}, and the same with {@code t10k} (or {@code test}) for validation; with
 * or without {@code .gz}, and with a point for a hyphen, as some copies have it.
 */
final class IdxImages {
  private static final List<String> VALIDATION = List.of("t10k", "test", "val");

  private IdxImages() {}

  /** Whether this is a file of images in this format, by its name. */
  static boolean isImages(Path file) {
    return String.valueOf(file.getFileName()).matches(".+-images[-.]idx3-ubyte(\\.gz)?");
  }

  /** Opens the directory if it has such files; else returns null. */
  static @Nullable DataSource open(Path directory) {
    List<Path> images;
    try (Stream<Path> files = Files.list(directory)) {
      images = files.filter(IdxImages::isImages).sorted().toList();
    } catch (IOException e) {
      throw DataException.unreadable(directory, e);
    }
    if (images.isEmpty()) {
      return null;
    }
    Path train = find(images, List.of("train"));
    if (train == null) {
      throw new DataException(
          directory,
          "has " + images.get(0).getFileName() + " but no train-images-idx3-ubyte",
          "copy it there, or give the one file itself");
    }
    Path validation = find(images, VALIDATION);
    RawImages trainImages = images(train);
    RawImages validationImages = validation == null ? null : images(validation);
    if (validationImages != null && validationImages.isLabelled() != trainImages.isLabelled()) {
      throw new DataException(
          directory, "only one of its parts has labels", "copy the other part's labels there");
    }
    return DataSource.of(
        "IDX files",
        directory.toString(),
        trainImages,
        validationImages,
        validation == null ? "" : String.valueOf(validation.getFileName()));
  }

  /** One file of images, with its labels if they lie beside it. */
  static DataSource openFile(Path file) {
    return DataSource.of("IDX file", file.toString(), images(file), null, "");
  }

  /** The digits that come with this program. */
  static DataSource digits() {
    IdxFile images = resource("digits-images-idx3-ubyte.gz", 3);
    IdxFile labels = resource("digits-labels-idx1-ubyte.gz", 1);
    RawImages digits = images(images, labels, 16);
    return DataSource.of("built-in digits", "digits", digits, null, "");
  }

  private static IdxFile resource(String name, int rank) {
    try (var in = IdxImages.class.getResourceAsStream("digits/" + name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in this build");
      }
      return IdxFile.read(name, in, rank);
    } catch (IOException e) {
      throw new IllegalStateException(name + " is damaged in this build", e);
    }
  }

  private static @Nullable Path find(List<Path> images, List<String> starts) {
    for (String start : starts) {
      for (Path image : images) {
        if (String.valueOf(image.getFileName()).startsWith(start + "-")) {
          return image;
        }
      }
    }
    return null;
  }

  private static RawImages images(Path file) {
    Path labels = labelsBeside(file);
    return images(IdxFile.read(file, 3), labels == null ? null : IdxFile.read(labels, 1), 255);
  }

  private static @Nullable Path labelsBeside(Path images) {
    String name = String.valueOf(images.getFileName());
    String start = name.substring(0, name.lastIndexOf("-images"));
    for (String ending :
        List.of("-idx1-ubyte", ".idx1-ubyte", "-idx1-ubyte.gz", ".idx1-ubyte.gz")) {
      Path candidate = images.resolveSibling(start + "-labels" + ending);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static RawImages images(IdxFile images, @Nullable IdxFile labels, int maximum) {
    int count = images.dim(0);
    if (labels != null && labels.dim(0) != count) {
      throw new DataException(
          labels.name(),
          labels.dim(0) + " labels for " + count + " images in " + images.name(),
          "give the labels that belong to these images");
    }
    int[] classOf = new int[labels == null ? 0 : labels.values().length];
    Arrays.setAll(classOf, i -> labels == null ? 0 : labels.values()[i] & 0xFF);
    int classes = labels == null ? 0 : Arrays.stream(classOf).max().orElse(0) + 1;
    return new RawImages(
        List.of(new RawImages.Block(images.name(), ByteBuffer.wrap(images.values()))),
        new RawImages.Format(0, images.dim(2), images.dim(1), 1, false, maximum),
        classOf,
        IntStream.range(0, classes).mapToObj(Integer::toString).toList());
  }
}
