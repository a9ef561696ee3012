package io.gohsp.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What a command prints. */
final class ConsoleOptions {
  @Option(names = "--json", description = "Print one JSON object for machines (docs/json.md).")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but errors.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Print how long each phase takes; twice: stack traces too.")
  private boolean[] verbose = {};

  /** Those of the command that was chosen, or defaults if it has none. */
  static ConsoleOptions of(CommandLine commandLine) {
    Object options =
        commandLine.getMixins().values().stream()
            .filter(ConsoleOptions.class::isInstance)
            .findFirst()
            .orElseGet(ConsoleOptions::new);
    return (ConsoleOptions) options;
  }

  @Option(
      names = "--recipe-out",
      paramLabel = "FILE",
      description = "Write these arguments as YAML; gohsp --recipe FILE runs them again.")
  private @Nullable Path recipe;

  /** Where the arguments go; null if nowhere. */
  @Nullable Path recipe() {
    return recipe;
  }

  boolean json() {
    return json;
  }

  /** Whether people are to read the results. */
  boolean text() {
    return !json && !quiet;
  }

  boolean quiet() {
    return quiet;
  }

  boolean showsPhases() {
    return verbose.length > 0;
  }

  boolean showsStackTraces() {
    return verbose.length > 1;
  }
}
