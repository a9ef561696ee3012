package io.gohsp.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The binary version of CIFAR-10 and CIFAR-100: records of one label byte (two in CIFAR-100: coarse
 * and fine, of which the fine one counts) and 3×32×32 bytes, red first.
 */
final class CifarBatches {
  /** What a variant's files are called and hold. */
  private enum Variant {
    CIFAR_10("CIFAR-10", 1, 10, "data_batch_%d.bin", 5, "test_batch.bin", "batches.meta.txt"),
    CIFAR_100("CIFAR-100", 2, 100, "train.bin", 1, "test.bin", "fine_label_names.txt");

    final String title;
    final int labelBytes;
    final int classes;
    private final String trainPattern;
    private final int trainFiles;
    final String test;
    final String names;

    Variant(
        String title,
        int labelBytes,
        int classes,
        String trainPattern,
        int trainFiles,
        String test,
        String names) {
      this.title = title;
      this.labelBytes = labelBytes;
      this.classes = classes;
      this.trainPattern = trainPattern;
      this.trainFiles = trainFiles;
      this.test = test;
      this.names = names;
    }

    List<Path> train(Path directory) {
      return IntStream.rangeClosed(1, trainFiles)
          .mapToObj(number -> directory.resolve(trainPattern.formatted(number)))
          .toList();
    }
  }

  private CifarBatches() {}

  /** Opens the directory if any of the format's files is in it; else returns null. */
  static @Nullable DataSource open(Path directory) {
    for (Variant variant : Variant.values()) {
      if (variant.train(directory).stream().anyMatch(Files::exists)) {
        return open(directory, variant);
      }
    }
    return null;
  }

  private static DataSource open(Path directory, Variant variant) {
    List<String> classes = classNames(directory, variant);
    List<Path> train = variant.train(directory);
    for (Path file : train) {
      if (Files.notExists(file)) {
        throw new DataException(
            file,
            "is missing, but other batches of " + variant.title + " are there",
            "copy it there");
      }
    }
    Path test = directory.resolve(variant.test);
    Images validation = Files.exists(test) ? images(List.of(test), variant, classes) : null;
    return DataSource.of(
        variant.title + " binary batches",
        directory.toString(),
        images(train, variant, classes),
        validation,
        validation == null ? "" : variant.test);
  }

  private static List<String> classNames(Path directory, Variant variant) {
    Path file = directory.resolve(variant.names);
    if (Files.notExists(file)) {
      return IntStream.range(0, variant.classes).mapToObj(Integer::toString).toList();
    }
    try {
      List<String> names =
          Files.readAllLines(file).stream().map(String::strip).filter(s -> !s.isEmpty()).toList();
      if (names.size() != variant.classes) {
        throw new DataException(
            file,
            names.size() + " class names, expected " + variant.classes,
            "restore the file, or remove it to number the classes");
      }
      return names;
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }

  private static RawImages images(List<Path> files, Variant variant, List<String> classes) {
    RawImages.Format format = new RawImages.Format(variant.labelBytes, 32, 32, 3, true, 255);
    List<RawImages.Block> blocks = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (Path file : files) {
      ByteBuffer bytes = map(file);
      if (bytes.capacity() == 0 || bytes.capacity() % format.record() != 0) {
        throw new DataException(
            file,
            bytes.capacity()
                + " bytes, expected a multiple of "
                + format.record()
                + ", the length of a "
                + variant.title
                + " record",
            "the file is incomplete or of another kind; fetch it again");
      }
      for (int record = 0; record < bytes.capacity() / format.record(); record++) {
        int label = bytes.get(record * format.record() + variant.labelBytes - 1) & 0xFF;
        if (label >= variant.classes) {
          throw new DataException(
              "sample " + record + " of " + file,
              "label " + label + ", expected 0 to " + (variant.classes - 1),
              "the file is damaged or of another kind; fetch it again");
        }
        labels.add(label);
      }
      blocks.add(new RawImages.Block(String.valueOf(file.getFileName()), bytes));
    }
    int[] plain = labels.stream().mapToInt(Integer::intValue).toArray();
    return new RawImages(blocks, format, plain, classes);
  }

  private static ByteBuffer map(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new DataException(file, "2 GiB or more", "CIFAR batches are at most 150 MB");
      }
      return channel.map(MapMode.READ_ONLY, 0, channel.size());
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }
}
