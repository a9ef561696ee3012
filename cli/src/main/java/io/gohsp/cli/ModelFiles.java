package io.gohsp.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Models that are named by files and folders, each with the name it has below the output. */
final class ModelFiles {
  private static final String EXTENSION = ".onnx";

  private ModelFiles() {}

  /** Whether these are several models, or may be: more than one file, or a folder that has any. */
  static boolean areMany(List<Path> named) {
    Path first = named.get(0);
    return named.size() > 1 || (Files.isDirectory(first) && !inside(first).isEmpty());
  }

  /**
   * All models, and where each goes below the output: a file under its name, what is in a folder
   * under its path there.
   *
   * @throws UsageError if a folder has none, or two have the same name
   */
  static Map<Path, Path> find(List<Path> named) {
    Map<Path, Path> byName = new LinkedHashMap<>();
    for (Path path : named) {
      if (Files.isDirectory(path)) {
        List<Path> inside = inside(path);
        if (inside.isEmpty()) {
          throw new UsageError(
              path + " is a folder without any file " + "that ends in .onnx; name another");
        }
        inside.forEach(file -> add(byName, path.relativize(file), file));
      } else {
        Path name = path.getFileName();
        add(byName, name == null ? path : name, path);
      }
    }
    Map<Path, Path> byFile = new LinkedHashMap<>();
    byName.forEach((name, file) -> byFile.put(file, name));
    return byFile;
  }

  private static void add(Map<Path, Path> byName, Path name, Path file) {
    Path other = byName.put(name, file);
    if (other != null) {
      throw new UsageError(
          "%s and %s would both become %s below the output; prune them apart, or name a folder that holds both"
              .formatted(other, file, name));
    }
  }

  private static List<Path> inside(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().toLowerCase(Locale.ROOT).endsWith(EXTENSION))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new UsageError(folder + " cannot be read: " + e.getMessage());
    }
  }
}
