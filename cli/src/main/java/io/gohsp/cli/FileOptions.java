package io.gohsp.cli;

import io.gohsp.data.ClassMap;
import io.gohsp.data.Datasets;
import io.gohsp.phase.Soften;
import io.gohsp.phase.Tune;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Which options name files, and which of those are written. Whatever names a file and is not said
 * here to be written is read, so that no new option can be forgotten where inputs are protected.
 */
final class FileOptions {
  private static final String WORK = "--work";

  /** All that are written, by their longest names. */
  static final Set<String> WRITTEN =
      Set.of(
          "--output", "--report", "--save", "--picture", "--plan-out", RecipeTarget.OPTION, WORK);

  /** What runs keep at the top of {@code --work} under names of their own. */
  static final Set<String> KEPT =
      Set.of(
          "checkpoint.zip",
          "log.jsonl",
          "decision.json",
          "plan.json",
          Soften.NAME,
          Tune.NAME,
          "comparison.json",
          "latency.json",
          "cells",
          "results.md",
          "results.csv",
          "results.json",
          "report.html");

  private FileOptions() {}

  /** Whether what an option names is a file or folder that is read; names of data are among it. */
  static boolean isRead(OptionSpec option) {
    return !WRITTEN.contains(option.longestName()) && (isPath(option) || isFileOrName(option));
  }

  /** Whether a value of an option names a file, and not something that comes with the program. */
  static boolean isFile(OptionSpec option, String value) {
    if (!isFileOrName(option)) {
      return isPath(option);
    }
    return option.longestName().equals(DataOptions.DATA)
        ? !Datasets.isBuiltIn(value) && !Datasets.isAddress(value)
        : !ClassMap.isBuiltIn(value);
  }

  /** What may also name something that comes with the program; {@code create} counts classes. */
  private static boolean isFileOrName(OptionSpec option) {
    String name = option.longestName();
    return option.type() == String.class
        && (name.equals(DataOptions.DATA) || name.equals(DataOptions.CLASSES));
  }

  private static boolean isPath(ArgSpec argument) {
    return Arrays.asList(argument.auxiliaryTypes()).contains(Path.class)
        || argument.type() == Path.class;
  }

  /** What the options of a command line name that is read, as it was given. */
  static Stream<Path> read(ParseResult given) {
    return given.matchedOptions().stream()
        .filter(FileOptions::isRead)
        .flatMap(
            option ->
                option.originalStringValues().stream()
                    .filter(value -> isFile(option, value))
                    .map(Path::of));
  }

  private static Stream<Path> positional(ParseResult given) {
    return given.matchedPositionals().stream()
        .filter(FileOptions::isPath)
        .flatMap(files -> files.originalStringValues().stream())
        .map(Path::of);
  }

  /** Nothing that is read lies where the run keeps something. */
  private static void requireNotKept(Path work, Stream<Path> read) {
    read.forEach(
        file -> {
          for (String name : KEPT) {
            Path kept = work.resolve(name);
            if (OutputFile.isSame(file, kept) || OutputFile.isInside(file, kept)) {
              throw new UsageError(
                  "%s %s: runs keep %s there, and %s is read; name another directory, or move what is read"
                      .formatted(WORK, work, name, file));
            }
          }
        });
  }

  /**
   * Looks at a command before it runs: nothing that an option names to be read, nor a side file of
   * it, nor the recipe that it was read from, is among what its options say is to be written, or
   * lies where a run keeps what it goes on from.
   *
   * @param recipe null if there is none, or it is to be made again
   * @throws UsageError if something is
   */
  static void requireReadStays(ParseResult given, @Nullable Path recipe) {
    List<OptionSpec> written =
        given.matchedOptions().stream()
            .filter(option -> WRITTEN.contains(option.longestName()))
            .filter(option -> option.getValue() instanceof Path)
            .toList();
    if (written.isEmpty()) {
      return;
    }
    List<Path> read =
        Stream.concat(read(given), Stream.ofNullable(recipe))
            .flatMap(RecipeTarget::withSideFiles)
            .toList();
    for (OptionSpec option : written) {
      Path file = option.getValue();
      if (option.longestName().equals(WORK)) {
        OutputFile.requireOwn(WORK, file, read);
        requireNotKept(file, Stream.concat(read.stream(), positional(given)));
      } else {
        OutputFile.requireOther(option.longestName(), file, read);
      }
    }
  }
}
