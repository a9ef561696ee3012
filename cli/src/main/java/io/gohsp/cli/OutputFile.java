package io.gohsp.cli;

import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a model goes. */
final class OutputFile {
  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUT",
      description =
          "Where the model goes; a file that is there is replaced, but never an input. Of several"
              + " models: a folder.")
  private Path path;

  @Option(
      names = "--single-file",
      description = "Write weights into the model, though they lay beside it (2 GiB at most).")
  private boolean single;

  Path path() {
    return path;
  }

  /**
   * The path, if a model can be written there as far as can be told before.
   *
   * @throws UsageError if not
   */
  Path checked(Model model) {
    requireNoStream("--output", path);
    if (single) {
      OnnxWriter.inOneFile(model);
    }
    try {
      OnnxWriter.requireWritable(model, path);
      return path;
    } catch (IOException e) {
      throw new UsageError(e.getMessage());
    }
  }

  /** Something that writes files. */
  interface Writing<T> {
    T run() throws IOException;
  }

  /** Writes {@code file}, with an error that names it and not some temporary file. */
  static <T> T write(Path file, Writing<T> writing) {
    try {
      return writing.run();
    } catch (IOException e) {
      throw new OutputError(file, e);
    }
  }

  /**
   * Makes sure that a file of another kind can go to {@code path}.
   *
   * @param taken the command's other files and directories, and its inputs; null where one was not
   *     given
   * @throws UsageError if it is a directory, in none, one of {@code taken}, or in one of them
   */
  static void requireFree(String option, Path path, List<? extends @Nullable Path> taken) {
    requireNoStream(option, path);
    Path parent = path.toAbsolutePath().getParent();
    if (Files.isDirectory(path)) {
      throw new UsageError(option + " " + path + " is a directory; name a file in it");
    }
    if (parent == null || !Files.isDirectory(parent)) {
      throw new UsageError(
          option
              + " "
              + path
              + " cannot be written: there is no directory "
              + parent
              + "; make it");
    }
    requireOther(option, path, taken);
  }

  /**
   * Makes sure that a path is nobody else's, whatever may be there.
   *
   * @param taken as of {@link #requireFree}
   * @throws UsageError if it is one of {@code taken}, or in one of them
   */
  static void requireOther(String option, Path path, List<? extends @Nullable Path> taken) {
    for (Path other : taken) {
      if (other != null && isSame(path, other)) {
        throw new UsageError(
            option + " " + path + " is another file of this command; name another");
      }
      if (other != null && isInside(path, other)) {
        throw new UsageError(
            option
                + " "
                + path
                + " is inside "
                + other
                + ", which this command reads or keeps its state in; name a file elsewhere");
      }
    }
  }

  /**
   * Makes sure that a directory is nobody else's.
   *
   * @param directory null if none was given
   * @throws UsageError if it is one of {@code taken}, or in one of them
   */
  static void requireOwn(String option, @Nullable Path directory, List<Path> taken) {
    for (Path other : taken) {
      if (directory != null && (isSame(directory, other) || isInside(directory, other))) {
        throw new UsageError(
            option + " " + directory + " is in " + other + ", which is read; name another");
      }
    }
  }

  /** Whether a file is, or would be, below a directory, whatever links lead there. */
  static boolean isInside(Path file, Path directory) {
    try {
      Path parent = file.toAbsolutePath().normalize().getParent();
      Path below = Files.exists(directory) ? directory.toRealPath() : directory.toAbsolutePath();
      return parent != null
          && !Files.isRegularFile(directory)
          && (parent.startsWith(below.normalize()) || parent.toRealPath().startsWith(below));
    } catch (IOException e) {
      return false; // one of them is gone
    }
  }

  /** Where other programs mean stdout, a file of that name would surprise. */
  private static void requireNoStream(String option, Path path) {
    if (path.toString().equals("-")) {
      throw new UsageError(
          option + " - would be stdout, which is not written to; name a file (./- for this name)");
    }
  }

  /** Whether two paths lead, or would lead, to one file. */
  static boolean isSame(Path a, Path b) {
    try {
      return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize())
          || (Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b));
    } catch (IOException e) {
      return false; // one of them is gone
    }
  }
}
