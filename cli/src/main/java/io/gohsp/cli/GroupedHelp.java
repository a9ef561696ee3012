package io.gohsp.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Options in {@code --help} under headings, by what they are about. */
final class GroupedHelp {
  /** In the order in which they are shown; a command's own options are of the first. */
  private enum Group {
    GENERAL("Options"),
    KEEP("What to keep", GoalOptions.class, SpreadOptions.class),
    DATA("Data", DataOptions.class, StudyOptions.class),
    HOW("How heads are compared", HeadOptions.class),
    TRAINING(
        "Correction and training",
        DataUseOptions.class,
        PipelineOptions.class,
        RecipeOptions.class,
        DistillationOptions.class),
    OUTPUT("Files that are written", OutputFile.class, ReportFile.class, DrawnFiles.class),
    RUNNING(
        "Where and how it runs",
        VerificationOptions.class,
        ExecutionOptions.class,
        EngineOptions.class,
        ClusterOptions.class),
    CONSOLE("What is printed", ConsoleOptions.class);

    private final String heading;
    private final List<Class<?>> mixins;

    Group(String heading, Class<?>... mixins) {
      this.heading = heading;
      this.mixins = List.of(mixins);
    }

    static Group of(OptionSpec option) {
      Class<?> mixin =
          option.userObject() instanceof Field field ? field.getDeclaringClass() : Object.class;
      return Arrays.stream(values())
          .filter(group -> group.mixins.contains(mixin))
          .findFirst()
          .orElse(GENERAL);
    }
  }

  private GroupedHelp() {}

  /** Groups the options of all commands of a program. */
  static void install(CommandLine program) {
    program
        .getSubcommands()
        .values()
        .forEach(
            command ->
                command
                    .getHelpSectionMap()
                    .put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, GroupedHelp::options));
  }

  private static String options(Help help) {
    Map<Group, List<OptionSpec>> groups = new LinkedHashMap<>();
    for (Group group : Group.values()) {
      groups.put(group, new ArrayList<>());
    }
    help.commandSpec().options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> groups.get(Group.of(option)).add(option));
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (group, options) -> {
          if (!options.isEmpty()) {
            Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
            layout.addOptions(options, help.parameterLabelRenderer());
            text.append(System.lineSeparator())
                .append(group.heading)
                .append(':')
                .append(System.lineSeparator())
                .append(layout);
          }
        });
    return text.toString();
  }
}
