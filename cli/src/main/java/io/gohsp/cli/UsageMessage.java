package io.gohsp.cli;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said about a command line that cannot be parsed: what is wrong and what would do. */
final class UsageMessage {
  /** By type: what a value should have been. */
  private static final Map<Class<?>, String> KINDS =
      Map.of(
          int.class, "a whole number",
          Integer.class, "a whole number",
          long.class, "a whole number",
          Long.class, "a whole number",
          double.class, "a number",
          Double.class, "a number");

  private UsageMessage() {}

  static String of(ParameterException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String message = null;
    if (e instanceof UnmatchedArgumentException unmatched) {
      message = unmatched(unmatched, command);
    } else if (e instanceof MissingParameterException missing) {
      message = missing(missing);
    } else if (e instanceof OverwrittenOptionException twice) {
      message = name(twice.getOverwritten()) + " is given twice; give it once";
    } else if (e instanceof MutuallyExclusiveArgsException) {
      message = exclusive(command);
    } else if (e.getArgSpec() != null && e.getValue() != null) {
      message = wrong(e.getArgSpec(), e.getValue());
    }
    return message == null ? e.getMessage().replaceFirst("^Error: ", "") : message;
  }

  private static String unmatched(UnmatchedArgumentException e, CommandSpec command) {
    String argument = e.getUnmatched().get(0);
    if (e.isUnknownOption()) {
      List<String> similar = e.getSuggestions();
      return "there is no option "
          + argument
          + (similar.isEmpty() ? "; leave it out" : "; did you mean " + similar.get(0) + "?");
    }
    if (!command.subcommands().isEmpty()) {
      return "there is no command \"%s\"; choose one of %s"
          .formatted(argument, String.join(", ", command.subcommands().keySet()));
    }
    String taken =
        command.positionalParameters().stream()
            .map(ArgSpec::paramLabel)
            .collect(Collectors.joining(" "));
    return "\"%s\" is one argument too many; %s takes %s"
        .formatted(argument, command.qualifiedName(), taken);
  }

  private static @Nullable String missing(MissingParameterException e) {
    List<ArgSpec> missing = e.getMissing();
    if (missing.isEmpty()) {
      return null;
    }
    ArgSpec first = missing.get(0);
    if (e.getMessage().startsWith("Missing required parameter for option")
        || e.getMessage().startsWith("Expected parameter for option")) {
      return "%s has no value; give %s".formatted(name(first), label(first));
    }
    String all =
        missing.stream()
            .map(arg -> arg.isOption() ? name(arg) + " " + label(arg) : label(arg))
            .collect(Collectors.joining(", "));
    return all + (missing.size() == 1 ? " is missing; give it" : " are missing; give them");
  }

  private static String exclusive(CommandSpec command) {
    return command.argGroups().stream()
            .filter(group -> group.exclusive())
            .flatMap(group -> group.args().stream())
            .map(UsageMessage::name)
            .collect(Collectors.joining(", "))
        + " exclude each other; give one of them";
  }

  private static @Nullable String wrong(ArgSpec arg, String value) {
    if (arg.isOption() && ((OptionSpec) arg).typeInfo().isMap()) {
      return "%s \"%s\" is not of the form %s; give a name and a whole number"
          .formatted(name(arg), value, label(arg));
    }
    Class<?> type =
        arg.typeInfo().isMultiValue() ? arg.auxiliaryTypes()[0] : arg.typeInfo().getType();
    if (type == boolean.class || type == Boolean.class) {
      return name(arg) + " takes no value; leave out \"" + value + "\"";
    }
    String kind = KINDS.get(type);
    if (kind == null) {
      return null;
    }
    return value.matches("[+-]?[0-9]+")
        ? "%s %s is out of range; give a smaller number".formatted(name(arg), value)
        : "%s \"%s\" is not %s; give one".formatted(name(arg), value, kind);
  }

  private static String name(ArgSpec arg) {
    return arg.isOption() ? ((OptionSpec) arg).longestName() : arg.paramLabel();
  }

  private static String label(ArgSpec arg) {
    return arg.paramLabel();
  }
}
