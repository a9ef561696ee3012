package io.gohsp.cli;

import io.gohsp.workers.Task;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;

/**
 * One run of the program as a value: whoever has the program and sees the same files can run it.
 *
 * @param arguments as on the command line
 */
record CommandTask(List<String> arguments) implements Task<CommandTask.Outcome> {
  /** What {@link Phases} says of what takes long. */
  private static final String PROGRESS = "(?m)^gohsp: [^:\\n]* \\.\\.\\.\\R";

  /** Characters of an argument for people to see; what only processes read is longer. */
  private static final int SHOWN = 1000;

  /** How lines begin that are no part of what is said in the end. */
  private static final String PROGRAM = "gohsp: ";

  private static final String NOTE = PROGRAM + "note: ";

  /**
   * What came of it.
   *
   * @param out what it printed
   * @param err what it said on stderr, without progress
   */
  record Outcome(int exitCode, String out, String err) implements Serializable {
    boolean isDone() {
      return exitCode == ExitCodes.DONE;
    }

    /** Why it failed, in a line; empty if it did not. */
    String reason() {
      return isDone()
          ? ""
          : err.lines()
              .filter(line -> line.startsWith(PROGRAM) && !line.startsWith(NOTE))
              .map(line -> line.substring(PROGRAM.length()))
              .findFirst()
              .map(Outcome::withRemedy)
              .orElse("failed without a word");
    }

    private static String withRemedy(String line) {
      return line.startsWith(ErrorReport.OUT_OF_MEMORY)
          ? line + "; give it more (JAVA_OPTS=-Xmx8g; on Spark spark.executor.memory=8g)"
          : line;
    }

    /** What was done, but perhaps not meant. */
    List<String> notes() {
      return err.lines()
          .filter(line -> line.startsWith(NOTE))
          .map(line -> line.substring(NOTE.length()))
          .toList();
    }
  }

  CommandTask {
    arguments = List.copyOf(arguments);
  }

  @Override
  public Outcome run() {
    Terminal.drawNothing();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Main.execute(
            Main.commandLine()
                .setColorScheme(Help.defaultColorScheme(Ansi.OFF))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err)),
            arguments.toArray(String[]::new));
    return new Outcome(exitCode, out.toString(), err.toString().replaceAll(PROGRESS, ""));
  }

  /** Whatever it is, others may do better. */
  @Override
  public Outcome lost(String reason) {
    return new Outcome(ExitCodes.UNEXPECTED, "", PROGRAM + reason + System.lineSeparator());
  }

  @Override
  public String toString() {
    return "gohsp "
        + arguments.stream()
            .map(text -> text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text)
            .collect(Collectors.joining(" "));
  }
}
