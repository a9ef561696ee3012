package io.gohsp.cli;

import io.gohsp.data.Datasets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
        boolean path = anywhere && isPath(option);
        option
            .originalStringValues()
            .forEach(value -> arguments.add(name + "=" + (path ? absolute(value) : value)));
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

  /** What a command reads: files that are no options, and its data where these are files. */
  static List<Path> read(CommandSpec command) {
    DataOptions data = DataOptions.of(command);
    return Stream.concat(
            files(command.commandLine().getParseResult()).stream().map(Path::of),
            data == null ? Stream.empty() : data.files().stream())
        .toList();
  }

  private static boolean isPath(OptionSpec option) {
    return option.longestName().equals(DataOptions.DATA)
        || Arrays.asList(option.auxiliaryTypes()).contains(Path.class);
  }

  private static String absolute(String value) {
    return value.equals(Datasets.DIGITS) || Datasets.isAddress(value)
        ? value
        : Path.of(value).toAbsolutePath().toString();
  }
}
