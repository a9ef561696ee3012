package io.gohsp.cli;

import io.gohsp.io.OnnxReader;
import io.gohsp.ir.ModelException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Names in one line whatever a command wrote: what its options for that name, and side files. */
final class WrittenFiles {
  private static final Set<String> OPTIONS =
      Set.of("--output", "--report", "--save", "--picture", "--plan-out", "--recipe-out", "--work");

  /** With these nothing was written, or by a process that says so itself. */
  private static final Set<String> ELSEWHERE = Set.of("--dry-run", ClusterOptions.MASTER);

  private WrittenFiles() {}

  /**
   * Writes the arguments where that is asked for, and says what a command wrote that is done.
   *
   * @param arguments all there were
   */
  static void tell(ParseResult given, List<String> arguments) {
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
            .filter(option -> OPTIONS.contains(option.longestName()))
            .flatMap(WrittenFiles::paths)
            .map(Path::toString)
            .distinct()
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
