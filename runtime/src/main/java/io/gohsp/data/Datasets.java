package io.gohsp.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Opens data of any form this program knows and says what it recognised. */
public final class Datasets {
  /** The name of the data set that comes with this program. */
  public static final String DIGITS = "digits";

  public static final String FORMS =
      "give CIFAR binary batches, an image folder (train/<class>/*.jpg) or a zip of one, IDX files"
          + " (MNIST), an .npz file, or the name digits";

  /** Hadoop's file systems and the web; a drive has one letter. */
  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/");

  private Datasets() {}

  /**
   * Opens what {@code data} names: {@link #DIGITS}, unless a file of that name exists, or a path.
   *
   * @throws DataException if nothing is there or nothing is recognised
   */
  public static DataSource open(String data) {
    if (isAddress(data)) {
      return openAddress(data);
    }
    return isBuiltIn(data) ? IdxImages.digits() : open(Path.of(data));
  }

  /** Whether this names data that come with this program, and no file that lies here. */
  public static boolean isBuiltIn(String data) {
    return data.equals(DIGITS) && Files.notExists(Path.of(data));
  }

  /** Whether this names files of a file system of its own, as {@code hdfs://host/images} does. */
  public static boolean isAddress(String data) {
    return ADDRESS.matcher(data).lookingAt();
  }

  private static DataSource openAddress(String address) {
    RemoteFiles files =
        ServiceLoader.load(RemoteFiles.class, Datasets.class.getClassLoader())
            .findFirst()
            .orElseThrow(
                () ->
                    new DataException(
                        address,
                        "is an address, which only gohsp on Apache Spark reads",
                        "add --spark MASTER (local[2] is one), or copy the data (hadoop fs -get) and"
                            + " give the path"));
    try {
      RemoteTree tree = new RemoteTree(files, address);
      if (tree.names().isEmpty() && tree.directories().isEmpty()) {
        throw new DataException(address, "does not exist", FORMS);
      }
      return ImageFolder.hasImages(tree)
          ? images("image folder", tree, "", null)
          : open(tree.copied()).at(address);
    } catch (IOException e) {
      throw DataException.unreadable(address, e);
    }
  }

  /**
   * Opens a file or directory.
   *
   * @throws DataException if nothing is there or nothing is recognised
   */
  public static DataSource open(Path path) {
    if (Files.notExists(path)) {
      throw new DataException(path, "does not exist", FORMS);
    }
    return Files.isDirectory(path) ? openDirectory(path) : openFile(path);
  }

  private static DataSource openFile(Path file) {
    String name = String.valueOf(file.getFileName());
    if (IdxImages.isImages(file)) {
      return IdxImages.openFile(file);
    }
    if (!isZip(file)) {
      throw new DataException(file, "is of no known form", FORMS);
    }
    if (name.endsWith(".npz")) {
      return DataSource.of("arrays", file.toString(), NpzArrays.read(file), null, "", "", null);
    }
    ZipTree zip = new ZipTree(file);
    try {
      return images("zip of an image folder", zip, note(zip), zip);
    } catch (RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static String note(ZipTree zip) {
    return zip.leftOut() == 0
        ? ""
        : zip.leftOut() + " entries left out: their names lead outside of the archive";
  }

  private static DataSource openDirectory(Path directory) {
    DataSource cifar = CifarBatches.open(directory);
    if (cifar != null) {
      return cifar;
    }
    DataSource idx = IdxImages.open(directory);
    if (idx != null) {
      return idx;
    }
    Path train = directory.resolve("train.npz");
    if (Files.exists(train)) {
      return openArrays(directory, train);
    }
    DirectoryTree tree = new DirectoryTree(directory);
    if (!ImageFolder.hasImages(tree)) {
      Path only = onlyDirectory(directory);
      if (only != null) { // an archive was unpacked here, with a directory around it
        return openDirectory(only);
      }
    }
    return images("image folder", tree, "", null);
  }

  private static @Nullable Path onlyDirectory(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> inside = entries.filter(Files::isDirectory).sorted().toList();
      return inside.size() == 1 ? inside.get(0) : null;
    } catch (IOException e) {
      throw DataException.unreadable(directory, e);
    }
  }

  private static DataSource openArrays(Path directory, Path train) {
    for (String name : List.of("val.npz", "test.npz")) {
      Path validation = directory.resolve(name);
      if (Files.exists(validation)) {
        NpzArrays first = NpzArrays.read(train);
        NpzArrays second = NpzArrays.read(validation);
        if (!first.fields().equals(second.fields()) || first.isLabelled() != second.isLabelled()) {
          throw new DataException(
              validation,
              "holds " + contents(second) + ", but train.npz holds " + contents(first),
              "give both files the same arrays");
        }
        return DataSource.of("arrays", directory.toString(), first, second, name, "", null);
      }
    }
    return DataSource.of("arrays", train.toString(), NpzArrays.read(train), null, "", "", null);
  }

  private static String contents(NpzArrays arrays) {
    return arrays.fields() + (arrays.isLabelled() ? " and labels" : " without labels");
  }

  private static DataSource images(
      String form, FileTree tree, String note, @Nullable AutoCloseable files) {
    ImageFolder.Parts parts = ImageFolder.recognise(tree);
    return DataSource.of(
        form, tree.root(), parts.train(), parts.validation(), parts.validationName(), note, files);
  }

  private static boolean isZip(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(2);
      return start.length == 2 && start[0] == 'P' && start[1] == 'K';
    } catch (IOException e) {
      throw DataException.unreadable(file, e);
    }
  }
}
