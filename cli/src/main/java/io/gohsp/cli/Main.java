package io.gohsp.cli;

import io.gohsp.equivalence.Provenance;
import io.gohsp.workers.LocalWorkers;
import io.gohsp.workers.Workers;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Entry of the program. */
@Command(
    name = "gohsp",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Makes transformer models in the ONNX format smaller and proves the result right.",
      "gohsp --recipe FILE runs again what a recipe says, or the command that made a pruned model;"
          + " source <(gohsp generate-completion) completes commands and options in bash and zsh.",
      ""
    },
    subcommands = {
      InspectCommand.class,
      RankCommand.class,
      SensitivityCommand.class,
      TradeoffCommand.class,
      PruneCommand.class,
      CompareCommand.class,
      ApplyCommand.class,
      VerifyCommand.class,
      TrainCommand.class,
      BenchCommand.class,
      CreateCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:unexpected failure, a file could not be written, or some runs of a comparison or some of"
          + " several models failed",
      "2:usage",
      "3:not equivalent",
      "4:a model or plan is missing, malformed or unsupported, or the one does not fit the other",
      "5:nothing to prune, or the budget is unreachable",
      "6:data unusable, or a file in a work directory is damaged"
    },
    footerHeading = "%nExample:%n",
    footer = "  gohsp prune model.onnx -o pruned.onnx --keep-params 0.7")
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  /** A cluster's, if the program was started on one. */
  private final @Nullable Workers cluster;

  /** What the arguments were read from; nothing is written there. */
  private @Nullable Path recipe;

  Main(@Nullable Workers cluster) {
    this.cluster = cluster;
  }

  public static void main(String[] args) {
    System.exit(run(null, args));
  }

  /**
   * Runs a command in a program that was started on a cluster, or in this process.
   *
   * @param cluster whoever does what can be done at once; null for threads of this process
   * @return the exit code
   */
  public static int run(@Nullable Workers cluster, String... args) {
    PrintStream stream = System.out;
    PrintWriter out = new PrintWriter(stream, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = execute(commandLine(cluster).setOut(out).setErr(err), args);
    out.flush();
    if (stream.checkError()) { // streams keep errors to themselves
      err.println("gohsp: stdout cannot be written");
      code = code == ExitCodes.DONE ? ExitCodes.UNEXPECTED : code;
    }
    return code;
  }

  /** Runs a command; what it returns is the exit code. */
  static int execute(CommandLine program, String... args) {
    try {
      if (program.getCommandSpec().userObject() instanceof Main main) {
        main.recipe = RecipeFile.kept(program, args);
      }
      return program.execute(RecipeFile.expanded(program, args));
    } catch (UsageError e) {
      return ErrorReport.report(e, program);
    } catch (Error e) { // picocli handles exceptions only
      return ErrorReport.report(e, program);
    }
  }

  /** The program, for tests as well. */
  static CommandLine commandLine() {
    return commandLine(null);
  }

  private static CommandLine commandLine(@Nullable Workers cluster) {
    CommandLine program = new CommandLine(new Main(cluster));
    GroupedHelp.install(program);
    return program
        .setAbbreviatedOptionsAllowed(false)
        .setExecutionStrategy(Main::runLast)
        .setExecutionExceptionHandler(ErrorReport::ofExecution)
        .setParameterExceptionHandler(ErrorReport::ofParameters);
  }

  /** Runs the command, and then says which samples it left out, and what it wrote. */
  private static int runLast(ParseResult given) {
    ParseResult last = given.hasSubcommand() ? given.subcommand() : given;
    Instant begun = Instant.now();
    try {
      if (!last.isUsageHelpRequested()) {
        Main main = (Main) given.commandSpec().root().userObject();
        FileOptions.requireReadStays(last, main.recipe);
        RecipeTarget.requireFree(last);
      }
      int code = new CommandLine.RunLast().execute(given);
      if (code == ExitCodes.DONE && !last.isUsageHelpRequested()) {
        CommandSpec command = last.commandSpec();
        DataOptions data = DataOptions.of(command);
        if (data != null) {
          new Notes(ConsoleOptions.of(command.commandLine()), Printed.err(command))
              .onSkipped(data.skipped());
        }
        WrittenFiles.tell(last, given.originalArgs(), begun);
      }
      return code;
    } catch (UsageError | OutputError e) { // of commands themselves picocli has reported them
      return ErrorReport.report(e, last.commandSpec().commandLine());
    }
  }

  /**
   * Whoever does what a command can do at once: the cluster that the program was started on, or
   * threads.
   */
  static Workers workers(CommandSpec command, int threads) {
    Workers cluster = cluster(command);
    return cluster != null ? cluster : new LocalWorkers(threads);
  }

  /** The cluster that the program was started on, which sees what is read; null if on none. */
  static @Nullable Workers cluster(CommandSpec command) {
    Workers cluster = ((Main) command.root().userObject()).cluster;
    return cluster == null ? null : cluster.seeing(GivenOptions.read(command));
  }

  /** Whether the program was started on a cluster. */
  static boolean isOnCluster(CommandLine program) {
    return program.getCommandSpec().root().userObject() instanceof Main main
        && main.cluster != null;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given");
  }

  /** The version from the manifest of the packaged program. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"gohsp " + Provenance.version()};
    }
  }
}
