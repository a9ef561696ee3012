package io.gohsp.cli;

import io.gohsp.create.VitArchitecture;
import io.gohsp.data.DataException;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.NotVerifiable;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.DeviceException;
import io.gohsp.plan.InvalidOption;
import io.gohsp.text.Printable;
import io.gohsp.train.TrainingException;
import io.gohsp.work.DamagedWork;
import io.gohsp.workers.WorkersException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns whatever goes wrong into a line or two on stderr and an exit code. */
final class ErrorReport {
  /** How the line begins that says so. */
  static final String OUT_OF_MEMORY = "out of memory: ";

  /** What to do where the program was started on a cluster. */
  private static final String OF_DRIVER =
      "Give the driver more, for example with --spark-conf spark.driver.memory=8g.";

  /**
   * One kind of failure.
   *
   * @param advice a second line; empty for none
   */
  private record Kind(
      Class<? extends Throwable> type, int exitCode, String prefix, String advice) {}

  /** The first that fits counts. */
  private static final List<Kind> KINDS =
      List.of(
          new Kind(UsageError.class, ExitCodes.USAGE, "", ""),
          new Kind(InvalidOption.class, ExitCodes.USAGE, "", ""),
          new Kind(WorkersException.class, ExitCodes.UNEXPECTED, "", ""),
          new Kind(DeviceException.class, ExitCodes.USAGE, "", ""),
          new Kind(VitArchitecture.InvalidSize.class, ExitCodes.USAGE, "", ""),
          new Kind(
              NotEquivalent.class,
              ExitCodes.NOT_EQUIVALENT,
              "nothing was written, the pruned model is ",
              "This is a defect of gohsp; please report it with the model."),
          new Kind(
              NotVerifiable.class,
              ExitCodes.UNSUPPORTED,
              "nothing was written: ",
              "Open dimensions get sizes from --data or with --size NAME=NUMBER; without --data,"
                  + " --no-verify skips the comparison."),
          new Kind(ModelException.NothingToPrune.class, ExitCodes.NOTHING_TO_PRUNE, "", ""),
          new Kind(
              ModelException.PassFailed.class,
              ExitCodes.UNEXPECTED,
              "",
              "This is a defect of gohsp; please report it with the model and the output of -vv."),
          new Kind(TrainingException.class, ExitCodes.UNEXPECTED, "", ""),
          new Kind(ModelException.class, ExitCodes.UNSUPPORTED, "", ""),
          new Kind(DataException.class, ExitCodes.DATA, "", ""),
          new Kind(DamagedWork.class, ExitCodes.DATA, "", ""),
          new Kind(OutputError.class, ExitCodes.UNEXPECTED, "", ""),
          new Kind(UncheckedIOException.class, ExitCodes.UNEXPECTED, "", ""),
          new Kind(
              OutOfMemoryError.class,
              ExitCodes.UNEXPECTED,
              OUT_OF_MEMORY,
              "Give it more, for example with JAVA_OPTS=-Xmx8g."),
          new Kind(
              StackOverflowError.class,
              ExitCodes.UNEXPECTED,
              "something is nested too deeply: ",
              "Give it a larger stack, for example with JAVA_OPTS=-Xss8m."),
          new Kind(
              LinkageError.class,
              ExitCodes.UNEXPECTED,
              "a library cannot be loaded: ",
              "Native libraries are unpacked to a cache, which must not be mounted noexec; XDG_CACHE_HOME="
                  + "DIR names another place for it. An incomplete installation is mended by"
                  + " installing again."),
          new Kind(
              InternalError.class, // thrown, some time later, where a page of a mapped file is gone
              ExitCodes.UNSUPPORTED,
              "a file became shorter while it was read: ",
              "Leave files alone while they are in use, and start again."),
          new Kind(
              Throwable.class,
              ExitCodes.UNEXPECTED,
              "unexpected failure: ",
              "This is a defect of gohsp; please report it with the model and the output of -vv."));

  private ErrorReport() {}

  static int ofExecution(Exception e, CommandLine commandLine, ParseResult parsed) {
    return report(e, commandLine);
  }

  /** Prints what went wrong. */
  static int report(Throwable e, CommandLine commandLine) {
    Kind kind = KINDS.stream().filter(k -> k.type().isInstance(e)).findFirst().orElseThrow();
    String message =
        kind.type() == Throwable.class || e.getMessage() == null ? e.toString() : e.getMessage();
    PrintWriter err = commandLine.getErr();
    if (e instanceof InvalidOption invalid) {
      err.println(error(commandLine, invalid.problem()));
      invalid.details().forEach(detail -> err.println("  " + Printable.of(detail)));
    } else if (e instanceof DataException || e instanceof ModelException) {
      err.println(error(commandLine, kind.prefix() + message));
    } else {
      err.println(error(commandLine, kind.prefix() + inOneLine(message)));
    }
    if (!kind.advice().isEmpty()) {
      boolean ofDriver = kind.prefix().equals(OUT_OF_MEMORY) && Main.isOnCluster(commandLine);
      err.println(ofDriver ? OF_DRIVER : kind.advice());
    }
    if (ConsoleOptions.of(commandLine).showsStackTraces()) {
      e.printStackTrace(Printed.over(err));
    }
    err.flush();
    return kind.exitCode();
  }

  static int ofParameters(ParameterException e, String[] args) {
    CommandLine commandLine = e.getCommandLine();
    PrintWriter err = commandLine.getErr();
    String name = commandLine.getCommandSpec().qualifiedName();
    err.println(error(commandLine, inOneLine(UsageMessage.of(e))));
    err.println("Try \"" + name + " --help\" for what it takes.");
    err.flush();
    return ExitCodes.USAGE;
  }

  /** What libraries say in several lines. */
  private static String inOneLine(String message) {
    return String.join("; ", message.lines().map(String::strip).toList());
  }

  /** Line ends in names of models and data are shown as what they are. */
  private static String error(CommandLine commandLine, String message) {
    return commandLine.getColorScheme().errorText("gohsp: ") + Printable.of(message);
  }
}
