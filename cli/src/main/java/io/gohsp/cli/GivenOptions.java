package io.gohsp.cli;

import io.gohsp.data.ClassMap;
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
  /** Options that name a file to read, beside those of the data. */
  private static final Set<String> READ = Set.of("--plan", "--teacher", "--wishes");

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

  /** What a command reads: files that are no options, those of some, and data that are files. */
  static List<Path> read(CommandSpec command) {
    ParseResult given = command.commandLine().getParseResult();
    DataOptions data = DataOptions.of(command);
    Stream<Path> named =
        given.matchedOptions().stream()
            .filter(option -> READ.contains(option.longestName()))
            .flatMap(option -> option.originalStringValues().stream())
            .map(Path::of);
    return Stream.of(
            files(given).stream().map(Path::of),
            named,
            data == null ? Stream.<Path>empty() : data.files().stream())
        .flatMap(files -> files)
        .toList();
  }

  /** The value of an option for a command that may run in another folder. */
  private static String anywhere(OptionSpec option, String value) {
    return switch (option.longestName()) {
      case DataOptions.DATA ->
          Datasets.isBuiltIn(value) || Datasets.isAddress(value) ? value : absolute(value);
      case DataOptions.CLASSES -> ClassMap.isBuiltIn(value) ? value : absolute(value);
      default ->
          Arrays.asList(option.auxiliaryTypes()).contains(Path.class) ? absolute(value) : value;
    };
  }

  private static String absolute(String value) {
    return Path.of(value).toAbsolutePath().toString();
  }
}
