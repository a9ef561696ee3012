package io.gohsp.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Options of a command line, as arguments of another. */
final class GivenOptions {
  private GivenOptions() {}

  /**
   * All that were given.
   *
   * @param without those that are left out, by their longest names
   * @param anywhere whether the command may run in another folder, so that paths become absolute
   */
  static List<String> of(ParseResult given, Set<String> without, boolean anywhere) {
    List<String> arguments = new ArrayList<>();
    for (OptionSpec option : given.matchedOptionsSet()) {
      String name = option.longestName();
      if (without.contains(name)) {
        continue;
      }
      if (option.arity().max() == 0) {
        arguments.add(name);
      } else {
        option
            .originalStringValues()
            .forEach(
                value -> arguments.add(name + "=" + (anywhere ? anywhere(option, value) : value)));
      }
    }
    return arguments;
  }

  /** Files that are no options, in their order, with absolute paths. */
  static List<String> files(ParseResult given) {
    return given.matchedPositionals().stream()
        .flatMap(files -> files.originalStringValues().stream())
        .map(GivenOptions::absolute)
        .toList();
  }

  /** What a command reads: files that are no options, and those of options. */
  static List<Path> read(CommandSpec command) {
    ParseResult given = command.commandLine().getParseResult();
    return Stream.concat(files(given).stream().map(Path::of), FileOptions.read(given)).toList();
  }

  /** The value of an option for a command that may run in another folder. */
  private static String anywhere(OptionSpec option, String value) {
    return FileOptions.isFile(option, value) ? absolute(value) : value;
  }

  private static String absolute(String value) {
    return Path.of(value).toAbsolutePath().toString();
  }
}
