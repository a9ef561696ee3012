package io.gohsp.io;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.tensor.MappedFile;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The side files of one model. A model is untrusted, so a side file must really lie in the model's
 * directory or below: not by an absolute name, not through {@code ..}, not through a symbolic link,
 * and not as another name of a file elsewhere (a hard link). Files are opened read-only.
 */
final class ExternalData {
  private static final String TOGETHER =
      "keep the model and its data in one directory, as plain files";

  private final @Nullable Path model;
  private final Map<Path, MappedFile> open = new LinkedHashMap<>();

  ExternalData(@Nullable Path model) {
    this.model = model;
  }

  /** The side files opened so far. */
  Map<Path, MappedFile> files() {
    return open;
  }

  /**
   * The contents of a tensor.
   *
   * @param entries the tensor's external_data: location, offset, length
   * @param expected the bytes it must have, or -1 if only the entries know
   * @param tensor what to call it in messages
   * @throws ModelException.Malformed if the file is missing, too short, or not in the model's
   *     directory
   */
  TensorData contents(Map<String, String> entries, long expected, Location tensor) {
    String name = entries.getOrDefault("location", "");
    MappedFile file = file(name, tensor);
    long offset = number(entries, "offset", 0, tensor);
    long length =
        number(
            entries,
            "length",
            expected >= 0 ? expected : Math.max(0, file.size() - offset),
            tensor);
    if (expected >= 0 && length != expected) {
      throw new ModelException.Malformed(
          tensor,
          "has "
              + length
              + " bytes in \""
              + name
              + "\", but its type and extents call for "
              + expected);
    }
    if (offset > file.size() - length) {
      throw new ModelException.Malformed(
          tensor,
          "bytes "
              + offset
              + " to "
              + end(offset, length)
              + " of \""
              + name
              + "\", which has only "
              + file.size(),
          "the file is cut off or belongs to another model");
    }
    return new TensorData.Mapped(file, offset, length);
  }

  private static String end(long offset, long length) {
    return Long.toUnsignedString(offset + length);
  }

  private static long number(
      Map<String, String> entries, String key, long fallback, Location tensor) {
    String text = entries.get(key);
    if (text == null) {
      return fallback;
    }
    try {
      long number = Long.parseLong(text.strip());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // told below, like a negative one
    }
    throw new ModelException.Malformed(
        tensor,
        "the " + key + " of its external data is \"" + text + "\", which is no number of bytes");
  }

  private MappedFile file(String name, Location tensor) {
    Path path = contained(name, tensor);
    MappedFile known = open.get(path);
    if (known != null) {
      return known;
    }
    try {
      MappedFile file = MappedFile.open(path);
      open.put(path, file);
      return file;
    } catch (IOException e) {
      throw new ModelException.Malformed(
          tensor, "its data in " + path + " cannot be read: " + IoReason.of(e), e);
    }
  }

  private Path contained(String name, Location tensor) {
    if (model == null) {
      throw new ModelException.Malformed(
          tensor,
          "its data is in the file \"" + name + "\"",
          "read the model from its file, not from memory");
    }
    if (name.isBlank()) {
      throw new ModelException.Malformed(tensor, "its data is in a side file without a name");
    }
    Path directory = directoryOf(model);
    Path file;
    try {
      file = directory.resolve(name);
      if (Path.of(name).isAbsolute()
          || name.matches("(?s)[/\\\\].*|[A-Za-z]:.*|(.*[/\\\\])?\\.\\.([/\\\\].*)?")) {
        throw outside(name, "does not name a file in the model's directory", tensor);
      }
    } catch (InvalidPathException e) {
      throw new ModelException.Malformed(
          tensor, "its data is in \"" + name + "\", which no file can be called", e);
    }
    if (!Files.exists(file)) {
      throw new ModelException.Malformed(
          tensor,
          "its data is in " + file + ", which does not exist",
          "put that file beside the model");
    }
    try {
      Path real = file.toRealPath();
      if (!real.startsWith(directory.toRealPath())) {
        throw outside(name, "is a link that leads out of the model's directory", tensor);
      }
      if (!Files.isRegularFile(real)) {
        throw outside(name, "is not a file", tensor);
      }
      if (directory.getFileSystem().supportedFileAttributeViews().contains("unix")
          && (int) Files.getAttribute(real, "unix:nlink") > 1) {
        throw outside(name, "has a second name elsewhere (a hard link)", tensor);
      }
      return real;
    } catch (IOException e) {
      throw new ModelException.Malformed(
          tensor, "its data in " + file + " cannot be read: " + IoReason.of(e), e);
    }
  }

  static Path directoryOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  private static ModelException.Malformed outside(String name, String problem, Location tensor) {
    return new ModelException.Malformed(
        tensor, "its data is in \"" + name + "\", which " + problem, TOGETHER);
  }
}
