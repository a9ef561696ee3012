package io.gohsp.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** The command line as one could type it again, but for where it was written to. */
final class CommandText {
  private CommandText() {}

  static String of(CommandSpec spec) {
    List<String> arguments =
        RecipeTarget.without(spec.root().commandLine().getParseResult().originalArgs());
    return "gohsp " + arguments.stream().map(CommandText::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String argument) {
    return argument.matches("[\\w./:=,%+@-]+")
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }
}
