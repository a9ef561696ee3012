package io.gohsp.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Options that make no sense together, as a table: the first row that applies is told, before
 * anything is read.
 */
final class Combinations {
  private final CommandSpec spec;
  private final List<String> problems = new ArrayList<>();

  Combinations(CommandSpec spec) {
    this.spec = spec;
  }

  /**
   * A row.
   *
   * @param option how it is called
   * @param given whether it was given, and what it does not go with is so
   * @param problem what is wrong, and what to do
   */
  Combinations refuse(String option, boolean given, String problem) {
    if (given) {
      problems.add(option + problem);
    }
    return this;
  }

  /** A row for all options of a mixin. */
  Combinations refuseAll(String mixin, boolean senseless, String problem) {
    String given = senseless ? given(mixin) : null;
    return refuse(String.valueOf(given), given != null, problem);
  }

  /**
   * @throws UsageError with the first problem
   */
  void require() {
    if (!problems.isEmpty()) {
      throw new UsageError(problems.get(0));
    }
  }

  private @Nullable String given(String mixin) {
    CommandSpec options = spec.mixins().get(mixin);
    return spec.commandLine().getParseResult().matchedOptions().stream()
        .map(option -> option.longestName())
        .filter(options.optionsMap()::containsKey)
        .findFirst()
        .orElse(null);
  }
}
