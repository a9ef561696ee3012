package io.gohsp.cli;

import io.gohsp.compare.Comparison;
import io.gohsp.compare.ComparisonData;
import io.gohsp.compare.ComparisonSettings;
import io.gohsp.compare.DenseModel;
import io.gohsp.compare.Entrant;
import io.gohsp.compare.Results;
import io.gohsp.data.ModelData;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings;
import io.gohsp.method.Methods;
import io.gohsp.ort.OrtOptions;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.report.ComparisonReport;
import io.gohsp.selection.Budget;
import io.gohsp.study.Goal;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.workers.Workers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares methods on equal terms. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prunes a model with several methods, to several sizes, with several seeds, and compares.",
      "Every run has the same number of updates, those before the cut included; so has the dense"
          + " model, which is always among them. The last weights count: to choose an epoch by the"
          + " validation part and then to compare on it would favour whoever varies most.",
      ""
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  gohsp compare vit.onnx --data cifar-10/ --methods gohsp,somp,random \\",
      "      --keep-params 0.6,0.2 --seeds 0,1,2 --work comparison/"
    })
final class CompareCommand implements Callable<Integer> {
  private static final String CELL = "--cell";

  /** What is for the process that started it, and not for those of its cells. */
  private static final Set<String> OWN = Set.of("--json", "--quiet", "--verbose");

  /** By the terms of a comparison; only processes of a cluster run several of its cells. */
  private static final Map<String, DenseModel> KNOWN = new HashMap<>();

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The dense model, an ONNX file.")
  private Path file;

  @Option(
      names = "--methods",
      required = true,
      split = ",",
      paramLabel = "LIST",
      description = "What prune knows with data: gohsp, somp, random and so on, with commas.")
  private List<String> methods = new ArrayList<>();

  @Option(
      names = "--keep-params",
      split = ",",
      paramLabel = "LIST",
      description = "Budgets of parameters: parts (0.6,0.2) or numbers (14.4M).")
  private List<String> params = new ArrayList<>();

  @Option(
      names = "--keep-macs",
      split = ",",
      paramLabel = "LIST",
      description = "Budgets of multiply-accumulates.")
  private List<String> macs = new ArrayList<>();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "LIST",
      description = "One run each (default: 0).")
  private List<Long> seeds = new ArrayList<>();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Updates of each run in all (default: as many as prune makes in "
              + PruningDefaults.EPOCHS
              + " epochs).")
  private @Nullable Long steps;

  @Option(
      names = "--work",
      required = true,
      paramLabel = "DIR",
      description =
          "Where everything is kept; the same command again continues, and may add methods, budgets"
              + " and seeds.")
  private Path work;

  @Option(
      names = "--split-seed",
      paramLabel = "N",
      description =
          "Which samples are held out and calibrated on, for all seeds, where data has no validation part; give the"
              + " seed that MODEL was trained with (default: 0).")
  private long splitSeed;

  @Option(names = "--dry-run", description = "Tell what there is to do and how long, and end.")
  private boolean dryRun;

  @Option(names = "--no-latency", description = "Measure no latency at the end.")
  private boolean untimed;

  @Option(
      names = "--latency-batch",
      paramLabel = "N",
      description = "Samples in a run where latency is measured (default: 1).")
  private @Nullable Long latencyBatch;

  @Option(
      names = CELL,
      hidden = true,
      paramLabel = "N",
      description = "Run only this one of the runs, for a process on a cluster.")
  private @Nullable Integer cell;

  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private SpreadOptions spread = new SpreadOptions();
  @Mixin private DataUseOptions use = new DataUseOptions();
  @Mixin private EngineOptions engines = new EngineOptions();
  @Mixin private VerificationOptions verification = new VerificationOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    Integer elsewhere = cluster.elsewhere(spec);
    if (elsewhere != null) {
      return elsewhere;
    }
    if (dryRun && console.json()) {
      throw new UsageError("--dry-run tells people, not machines; leave out --json");
    }
    List<Entrant> entrants = methods.stream().map(this::entrant).toList();
    use.requireRead(methods);
    List<Goal> goals = goals();
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      requireDirectory();
      OutputFile.requireOwn("--work", work, use.data().files());
      try (ModelData data = use.data().open(model).requireClasses()) {
        new Notes(console, Printed.err(spec)).onMask(model, use.data().mask());
        Comparison comparison = comparison(model, data, entrants, goals);
        ComparisonProgress progress =
            new ComparisonProgress(
                phases, console, Printed.err(spec), data.description(), this::write);
        if (cell != null) {
          try (progress) {
            comparison.knowing(known(comparison)).runCell(cell, progress);
          }
          return ExitCodes.DONE;
        }
        Workers workers = Main.cluster(spec);
        if (workers == null || dryRun) {
          phases.accept("trying how fast it is");
          progress.outlook(comparison.outlook(), dryRun ? Printed.out(spec) : null);
        }
        if (dryRun) {
          return ExitCodes.DONE;
        }
        Results results;
        try (progress) {
          results =
              workers == null
                  ? comparison.run(progress)
                  : comparison.run(progress, on(workers.sharing(work), comparison));
        }
        phases.finish();
        results.cells().stream()
            .findFirst()
            .ifPresent(
                cell ->
                    new Notes(console, Printed.err(spec)).onChance(cell.dense(), data.source()));
        new ComparisonSummary(results, report(results), work).print(console, Printed.out(spec));
        progress.failures(results);
        return results.failures().isEmpty() ? ExitCodes.DONE : ExitCodes.UNEXPECTED;
      }
    }
  }

  /**
   * Cells on a cluster: this very command for each, and which one is meant. The longest first, so
   * that none of these is left over when all others are done.
   */
  private Comparison.Elsewhere on(Workers workers, Comparison comparison) {
    return (left, ended) -> {
      List<Integer> cells = comparison.longestFirst(left);
      List<CommandTask> tasks = cells.stream().map(this::task).toList();
      List<CommandTask.Outcome> unused =
          workers.run(
              tasks,
              (i, outcome) -> ended.cell(cells.get(i), outcome.isDone() ? null : outcome.reason()));
    };
  }

  /** What this process knows from other cells of the same comparison. */
  private static DenseModel known(Comparison comparison) {
    synchronized (KNOWN) {
      return KNOWN.computeIfAbsent(comparison.terms(), terms -> new DenseModel());
    }
  }

  private CommandTask task(int number) {
    List<String> arguments = new ArrayList<>();
    arguments.add(spec.name());
    arguments.add(file.toAbsolutePath().toString());
    arguments.addAll(
        GivenOptions.of(spec.commandLine().getParseResult(), OWN, /* anywhere= */ true));
    arguments.add(CELL + "=" + number);
    arguments.add("--quiet");
    return new CommandTask(arguments);
  }

  private Entrant entrant(String name) {
    if (use.method(name, 0).name().equals(Methods.ZEROS.name())) {
      throw new UsageError(
          "--methods "
              + name
              + ": takes no budget, so that there is nothing to compare; leave it out, or prune"
              + " with it alone");
    }
    return new Entrant(name, seed -> use.method(name, seed));
  }

  private List<Goal> goals() {
    if (params.isEmpty() && macs.isEmpty()) {
      throw new UsageError(
          "nothing says how much to keep; give budgets (--keep-params 0.6,0.2 or --keep-macs 2.0G)");
    }
    spread.requireParams(!params.isEmpty());
    return Stream.concat(
            params.stream().map(text -> Budget.params(text, spread.embeddings())),
            macs.stream().map(Budget::macs))
        .map(budget -> spread.goal(budget, PruningDefaults.ALLOCATION))
        .toList();
  }

  private void requireDirectory() {
    if (Files.exists(work) && !Files.isDirectory(work)) {
      throw new UsageError("--work " + work + " is a file; name a directory");
    }
  }

  private Comparison comparison(
      Model model, ModelData opened, List<Entrant> entrants, List<Goal> goals) {
    boolean ownValidation = opened.source().validation() != null;
    ComparisonData data =
        new ComparisonData(
            seed -> use.study().splits(opened, ownValidation ? seed : splitSeed),
            opened,
            opened.description(),
            opened.mask(),
            opened::record,
            "%s; calibration: %s; split: %d"
                .formatted(opened.identity(), use.study().calibration(), splitSeed));
    ExecutionOptions execution = verification.execution();
    Recipe recipe =
        use.recipes().recipe(PruningDefaults.training(model).withSeed(0).keeping(Recipe.Keep.LAST));
    Objective.requireBatch(model, recipe.batch());
    long updates = steps == null ? standardSteps(recipe, data) : steps;
    boolean brief =
        PruningDefaults.isBrief(
            updates * recipe.batch() * recipe.accumulate(), data.splits().apply(0).train().size());
    ComparisonSettings settings =
        new ComparisonSettings(
            entrants,
            goals,
            seeds.isEmpty() ? List.of(0L) : seeds,
            updates,
            recipe,
            use.study().isRotated(),
            use.recovery(),
            brief && !use.recipes().saysRate(),
            use.teaching()
                .supervision(opened.source().isLabelled(), PruningDefaults.distillation(brief)),
            verification.settings(0),
            untimed ? null : latency(verification.settings(0)));
    return new Comparison(
        model,
        settings,
        data,
        engines.engine(execution),
        OrtOptions.DEFAULT
            .withDevice(execution.device())
            .withThreads(execution.threads())
            .withDeterministic(true),
        work);
  }

  private static long standardSteps(Recipe recipe, ComparisonData data) {
    return recipe.updates(data.splits().apply(0).train().size(), PruningDefaults.EPOCHS);
  }

  private LatencySettings latency(Verification where) {
    if (latencyBatch != null && latencyBatch < 1) {
      throw new UsageError(
          "--latency-batch " + latencyBatch + " is no number of samples; give 1 or more");
    }
    return new LatencySettings(
        latencyBatch == null ? 0 : latencyBatch,
        where.device(),
        where.threads(),
        where.sizes(),
        LatencySettings.Effort.STANDARD);
  }

  private ComparisonReport report(Results results) {
    return new ComparisonReport(results, CommandText.of(spec));
  }

  /** Writes what is known so far. */
  private void write(Results results) {
    OutputFile.write(
        work,
        () -> {
          report(results).write(work);
          return work;
        });
  }
}
