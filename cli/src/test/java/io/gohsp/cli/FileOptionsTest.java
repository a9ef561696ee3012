package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What is read and what is written, of all options of all commands. */
class FileOptionsTest {
  private static final Set<String> READ =
      Set.of("--data", "--config", "--classes", "--wishes", "--teacher", "--plan");

  private static Stream<CommandLine> commands() {
    return Main.commandLine().getSubcommands().values().stream();
  }

  private static Stream<OptionSpec> options(CommandLine command) {
    return command.getCommandSpec().options().stream();
  }

  /** Whether help calls what it wants a file, whatever its type. */
  private static boolean looksLikeAFile(OptionSpec option) {
    String label = option.paramLabel().toUpperCase(Locale.ROOT);
    return Stream.of("FILE", "DIR", "OUT", "DATA", "PLAN", "MODEL").anyMatch(label::startsWith);
  }

  /** A new option that names a file fails here until somebody has said which it is. */
  @Test
  void everyFileIsReadOrWritten() {
    Set<String> read = new TreeSet<>();
    Set<String> files = new TreeSet<>();
    commands()
        .flatMap(FileOptionsTest::options)
        .forEach(
            option -> {
              boolean isPath =
                  option.type() == Path.class
                      || List.of(option.auxiliaryTypes()).contains(Path.class);
              if (isPath || looksLikeAFile(option)) {
                files.add(option.longestName());
              }
              if (FileOptions.isRead(option)) {
                read.add(option.longestName());
              }
            });

    assertThat(read).containsExactlyInAnyOrderElementsOf(READ);
    assertThat(files)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(READ.stream(), FileOptions.WRITTEN.stream()).toList());
  }

  /** Each option that is written, with each that is read, of each command that has both. */
  @TestFactory
  Stream<DynamicTest> nothingThatIsReadIsWritten(@TempDir Path directory) {
    Path file = directory.resolve("file");
    return commands()
        .flatMap(
            command ->
                options(command)
                    .filter(written -> FileOptions.WRITTEN.contains(written.longestName()))
                    .flatMap(
                        written ->
                            options(command)
                                .filter(FileOptions::isRead)
                                .map(read -> refused(command, written, read, file))));
  }

  private static DynamicTest refused(
      CommandLine command, OptionSpec written, OptionSpec read, Path file) {
    String name = command.getCommandName() + " " + written.longestName() + " " + read.longestName();
    return DynamicTest.dynamicTest(
        name,
        () -> {
          CommandLine program = Main.commandLine();
          CommandLine fresh = program.getSubcommands().get(command.getCommandName());
          // whatever else it wants has nothing to do with this
          fresh.getCommandSpec().parser().collectErrors(true);
          ParseResult given =
              program
                  .parseArgs(
                      command.getCommandName(),
                      "model.onnx",
                      written.longestName() + "=" + file,
                      read.longestName() + "=" + file)
                  .subcommand();
          assertThatThrownBy(() -> FileOptions.requireReadStays(given, null))
              .isInstanceOf(UsageError.class)
              .hasMessageStartingWith(written.longestName() + " " + file);
        });
  }
}
