package io.gohsp.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Options in {@code --help} under headings, by what they are about. */
final class GroupedHelp {
  /**
   * Options under a heading.
   *
   * @param mixins the classes that declare them
   */
  private record Group(String heading, List<Class<?>> mixins) {
    static Group of(String heading, Class<?>... mixins) {
      return new Group(heading, List.of(mixins));
    }
  }

  /** Of a command's own options. */
  private static final Group GENERAL = Group.of("Options");

  /** In the order in which they are shown. */
  private static final List<Group> GROUPS =
      List.of(
          GENERAL,
          Group.of("What to keep", GoalOptions.class, SpreadOptions.class),
          Group.of("Data", DataOptions.class, StudyOptions.class),
          Group.of("How heads are compared", HeadOptions.class),
          Group.of(
              "Correction and training",
              DataUseOptions.class,
              PipelineOptions.class,
              RecipeOptions.class,
              DistillationOptions.class),
          Group.of("Files that are written", OutputFile.class, ReportFile.class, DrawnFiles.class),
          Group.of(
              "Where and how it runs",
              VerificationOptions.class,
              ExecutionOptions.class,
              EngineOptions.class,
              ClusterOptions.class),
          Group.of("What is printed", ConsoleOptions.class));

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

  private static Group group(OptionSpec option) {
    Class<?> mixin =
        option.userObject() instanceof Field field ? field.getDeclaringClass() : Object.class;
    return GROUPS.stream()
        .filter(group -> group.mixins().contains(mixin))
        .findFirst()
        .orElse(GENERAL);
  }

  private static String options(Help help) {
    Map<Group, List<OptionSpec>> groups = new LinkedHashMap<>();
    GROUPS.forEach(group -> groups.put(group, new ArrayList<>()));
    help.commandSpec().options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> groups.get(group(option)).add(option));
    StringBuilder text = new StringBuilder();
    groups.forEach(
        (group, options) -> {
          if (!options.isEmpty()) {
            Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
            layout.addOptions(options, help.parameterLabelRenderer());
            text.append(System.lineSeparator())
                .append(group.heading())
                .append(':')
                .append(System.lineSeparator())
                .append(layout);
          }
        });
    return text.toString();
  }
}
