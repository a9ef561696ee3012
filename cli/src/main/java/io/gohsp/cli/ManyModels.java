package io.gohsp.cli;

import io.gohsp.workers.Workers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code prune} of several models: the same command for each, as a task of its own, so that one
 * that fails, however it does, is no more than a line of the summary.
 *
 * @param output the folder where models go
 * @param work where each keeps its state, in a folder of its own; null for nowhere
 */
record ManyModels(
    CommandSpec spec, ConsoleOptions console, Path output, @Nullable Path work, ReportFile report) {
  /** What each model is told in another way, or not at all. */
  private static final Set<String> OWN =
      Set.of(
          "--output",
          "--work",
          "--report",
          "--json",
          "--quiet",
          "--verbose",
          "--jobs",
          "--spark",
          "--spark-conf");

  /** Runs all and says what came of them. */
  int run(List<Path> named, Workers workers) {
    Map<Path, Path> models = ModelFiles.find(named);
    requireOutput(named, models);
    ParseResult given = spec.commandLine().getParseResult();
    List<CommandTask> tasks = new ArrayList<>();
    boolean anywhere = !workers.isLocal();
    models.forEach((file, name) -> tasks.add(task(given, file, name, anywhere)));
    List<String> names = models.values().stream().map(Path::toString).toList();
    PrintWriter err = Printed.err(spec);
    int[] ended = {0};
    List<CommandTask.Outcome> outcomes =
        workers
            .sharing(output)
            .run(
                tasks,
                (i, outcome) -> {
                  ended[0]++;
                  if (!console.quiet()) {
                    err.printf("gohsp: %d of %d: ", ended[0], tasks.size());
                    err.println(
                        names.get(i) + ": " + (outcome.isDone() ? "done" : outcome.reason()));
                  }
                });
    ModelsSummary summary =
        new ModelsSummary(spec, output, List.copyOf(models.entrySet()), outcomes);
    report.write(summary::html);
    summary.print(console, Printed.out(spec));
    return outcomes.stream().allMatch(CommandTask.Outcome::isDone)
        ? ExitCodes.DONE
        : ExitCodes.UNEXPECTED;
  }

  private CommandTask task(ParseResult given, Path file, Path name, boolean anywhere) {
    UnaryOperator<Path> place = anywhere ? Path::toAbsolutePath : UnaryOperator.identity();
    List<String> arguments = new ArrayList<>();
    arguments.add(spec.name());
    arguments.add(place.apply(file).toString());
    arguments.add("--output=" + place.apply(output.resolve(name)));
    arguments.addAll(GivenOptions.of(given, OWN, anywhere));
    if (work != null) {
      arguments.add("--work=" + place.apply(work.resolve(name)));
    }
    if (!given.hasMatchedOption("--threads")) {
      arguments.add("--threads=1"); // whoever runs how many at once: the same bytes
    }
    arguments.add("--json");
    return new CommandTask(arguments);
  }

  /** Makes the folders, unless something in them would be read and written. */
  private void requireOutput(List<Path> named, Map<Path, Path> models) {
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw new UsageError(
          "--output "
              + output
              + " is a file, and there are several models; name a folder, which need not exist");
    }
    List<Path> folders = named.stream().filter(Files::isDirectory).toList();
    OutputFile.requireOwn("--output", output, folders);
    OutputFile.requireOwn("--work", work, folders);
    OutputFile.requireOwn("--work", work, List.of(output));
    report.requireFree(List.copyOf(models.keySet()), folders);
    List<Path> outputs = models.values().stream().map(output::resolve).toList();
    outputs.forEach(file -> requireNoInput(file, models.keySet()));
    try {
      for (Path file : outputs) {
        Files.createDirectories(file.toAbsolutePath().getParent());
      }
    } catch (IOException e) {
      throw new OutputError(output, e);
    }
  }

  private static void requireNoInput(Path file, Set<Path> inputs) {
    for (Path input : inputs) {
      if (OutputFile.isSame(file, input)) {
        throw new UsageError(
            "--output: " + file + " is one of the models, which are read; name another folder");
      }
    }
  }
}
