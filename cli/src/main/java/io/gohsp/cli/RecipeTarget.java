package io.gohsp.cli;

import io.gohsp.io.OnnxReader;
import io.gohsp.ir.ModelException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Where the arguments of a run are to be written: to no file that the command names otherwise. */
final class RecipeTarget {
  static final String OPTION = "--recipe-out";

  private RecipeTarget() {}

  /**
   * Looks at a command before it runs.
   *
   * @throws UsageError if the file is another one of the command, or cannot be written
   */
  static void requireFree(ParseResult given) {
    Path recipe = ConsoleOptions.of(given.commandSpec().commandLine()).recipe();
    if (recipe == null) {
      return;
    }
    List<Path> taken =
        given.matchedArgs().stream()
            .filter(argument -> !isTarget(argument))
            .flatMap(argument -> paths(argument.getValue()))
            .flatMap(RecipeTarget::withSideFiles)
            .toList();
    OutputFile.requireFree(OPTION, recipe, taken);
  }

  /** Arguments without the one that says where they go, which changes nothing else. */
  static List<String> without(List<String> arguments) {
    List<String> others = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      if (!isTarget(arguments.get(i))) {
        others.add(arguments.get(i));
      } else if (arguments.get(i).equals(OPTION)) {
        i++;
      }
    }
    return others;
  }

  private static boolean isTarget(String word) {
    return word.equals(OPTION) || word.startsWith(OPTION + "=");
  }

  private static boolean isTarget(ArgSpec argument) {
    return argument instanceof OptionSpec option && option.longestName().equals(OPTION);
  }

  /** The files that a value names; of texts only such as are there. */
  private static Stream<Path> paths(@Nullable Object value) {
    if (value instanceof Path path) {
      return Stream.of(path);
    }
    if (value instanceof Collection<?> several) {
      return several.stream().flatMap(RecipeTarget::paths);
    }
    try {
      return value instanceof String text && Files.exists(Path.of(text))
          ? Stream.of(Path.of(text))
          : Stream.empty();
    } catch (InvalidPathException e) {
      return Stream.empty();
    }
  }

  /** A file, and what belongs to it if it is a model. */
  static Stream<Path> withSideFiles(Path file) {
    if (!Files.isRegularFile(file) || !file.toString().endsWith(".onnx")) {
      return Stream.of(file);
    }
    try {
      return Stream.concat(Stream.of(file), OnnxReader.files(OnnxReader.read(file)).stream());
    } catch (ModelException e) {
      return Stream.of(file); // the command says what is wrong with it
    }
  }
}
