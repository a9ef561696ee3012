package io.gohsp.cli;

import io.gohsp.io.OnnxReader;
import io.gohsp.ir.ModelException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Names in one line whatever a command wrote: what its options for that name, side files, and what
 * is new in folders, the first {@value #NAMED} of each.
 */
final class WrittenFiles {
  private static final int NAMED = 10;

  /** With these nothing was written, or by a process that says so itself. */
  private static final Set<String> ELSEWHERE = Set.of("--dry-run", ClusterOptions.MASTER);

  private WrittenFiles() {}

  /**
   * Writes the arguments where that is asked for, and says what a command wrote that is done.
   *
   * @param arguments all there were
   * @param begun when it began
   */
  static void tell(ParseResult given, List<String> arguments, Instant begun) {
    CommandSpec command = given.commandSpec();
    ConsoleOptions console = ConsoleOptions.of(command.commandLine());
    Path recipe = console.recipe();
    if (recipe != null) {
      OutputFile.write(
          recipe,
          () -> {
            RecipeFile.write(recipe, RecipeTarget.without(arguments));
            return recipe;
          });
    }
    List<String> files =
        given.matchedOptions().stream()
            .filter(option -> FileOptions.WRITTEN.contains(option.longestName()))
            .flatMap(WrittenFiles::paths)
            .distinct()
            .map(path -> Files.isDirectory(path) ? folder(path, begun) : path.toString())
            .toList();
    if (!files.isEmpty()
        && !console.quiet()
        && ELSEWHERE.stream().noneMatch(given::hasMatchedOption)) {
      PrintWriter err = Printed.err(command);
      err.println("gohsp: wrote " + files.stream().collect(Collectors.joining(", ")));
      err.flush();
    }
  }

  private static Stream<Path> paths(OptionSpec option) {
    return option.getValue() instanceof Path file && Files.exists(file)
        ? Stream.concat(Stream.of(file), sideFiles(file))
        : Stream.empty();
  }

  /** {@code FOLDER with 2 files (results.md, cells/plan.json)}; those at the top come first. */
  static String folder(Path folder, Instant begun) {
    // File systems may keep whole seconds.
    Instant second = begun.truncatedTo(ChronoUnit.SECONDS);
    List<Path> written;
    Path real; // a link is not followed by what walks
    try {
      real = folder.toRealPath();
    } catch (IOException e) {
      return folder.toString();
    }
    try (Stream<Path> all =
        Files.find(
            real,
            Integer.MAX_VALUE,
            (file, attributes) ->
                attributes.isRegularFile()
                    && !attributes.lastModifiedTime().toInstant().isBefore(second))) {
      written =
          all.map(real::relativize)
              .sorted(Comparator.comparingInt(Path::getNameCount).thenComparing(Path::toString))
              .toList();
    } catch (IOException | UncheckedIOException e) {
      return folder.toString(); // somebody else changes it, or part of it is not for us
    }
    if (written.isEmpty()) {
      return folder + " with nothing new";
    }
    String names =
        written.stream().limit(NAMED).map(Path::toString).collect(Collectors.joining(", "));
    return "%s with %d %s (%s%s)"
        .formatted(
            folder,
            written.size(),
            written.size() == 1 ? "file" : "files",
            names,
            written.size() > NAMED ? " and " + (written.size() - NAMED) + " more" : "");
  }

  /** What lies beside a model and belongs to it. */
  private static Stream<Path> sideFiles(Path file) {
    if (!Files.isRegularFile(file) || !String.valueOf(file.getFileName()).endsWith(".onnx")) {
      return Stream.empty();
    }
    try {
      return OnnxReader.files(OnnxReader.read(file)).stream()
          .map(Path::getFileName)
          .map(file::resolveSibling)
          .filter(side -> !side.getFileName().equals(file.getFileName()));
    } catch (ModelException e) {
      return Stream.empty(); // somebody else replaced it
    }
  }
}
