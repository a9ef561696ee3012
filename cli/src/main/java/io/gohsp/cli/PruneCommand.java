package io.gohsp.cli;

import io.gohsp.PrunedModel;
import io.gohsp.Pruner;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.method.Methods;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.study.Goal;
import io.gohsp.verify.DataShapes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a model smaller. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Removes heads, columns and neurons, verifies the result and writes it.",
      "With data: ranks heads on it, trains what is going to be removed towards zero, cuts, and"
          + " fine-tunes; or as --method says. Without: what stays is chosen on random tokens or pictures"
          + " of noise; 64 samples of real data, without labels, choose better.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  gohsp prune model.onnx -o pruned.onnx --data images/ --keep-params 0.6",
      "  gohsp prune model.onnx -o pruned.onnx --keep-params 0.7",
      "  gohsp prune model.onnx -o pruned.onnx --heads 4 --neurons 75%%",
      "  gohsp prune sparse.onnx -o pruned.onnx --method zeros",
      "  gohsp prune models/ -o pruned/ --keep-params 0.7 --report pruned.html"
    })
final class PruneCommand implements Callable<Integer>, Calibrating {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description = "An ONNX file; or several, or folders of them, each pruned by itself.")
  private List<Path> files = new ArrayList<>();

  @Mixin private OutputFile output = new OutputFile();

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description = {
        "gohsp: heads by a graph of their similarity, imposed softly (default with --data);",
        "synthetic: likewise what costs least, on samples that are made up (default without);",
        "somp: the groups with the smallest weights go, at once;",
        "sgmp: they go round by round as it trains;",
        "taylor: so does what the loss depends on least;",
        "ssp: heads of least salience, small neurons, at once;",
        "s2vite: likewise, but groups are traded in training",
        "  (these four need --data);",
        "random: groups chosen at random go, for comparison;",
        "zeros: only what is zero already goes, all of it."
      })
  private @Nullable String method;

  @Mixin private GoalOptions goals = new GoalOptions();

  @Mixin(name = "pipeline")
  private PipelineOptions pipeline = new PipelineOptions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of whatever is random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--plan-out",
      paramLabel = "PLAN",
      description = "Write what was chosen as JSON, for gohsp apply.")
  private @Nullable Path planOut;

  @Mixin private ReportFile report = new ReportFile();
  @Mixin private TimingOptions timing = new TimingOptions();

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description =
          "Of several models, how many at once (default: one per core); each has one thread, unless"
              + " --threads says more.")
  private @Nullable Integer jobs;

  @Option(
      names = "--dry-run",
      description =
          "Write nothing: with data say what would be done and about how long it takes, without data"
              + " what would be cut.")
  private boolean dryRun;

  @Option(names = "--no-verify", description = "Write without comparing.")
  private boolean unverified;

  @Mixin(name = "engine")
  private EngineOptions engines = new EngineOptions();

  @Mixin private VerificationOptions verification = new VerificationOptions();
  @Mixin private ClusterOptions cluster = new ClusterOptions();
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Override
  public Integer call() {
    Integer elsewhere = cluster.elsewhere(spec);
    if (elsewhere != null) {
      return elsewhere;
    }
    boolean hasData = pipeline.use().data().isGiven();
    boolean many = ModelFiles.areMany(files);
    requireSense(hasData, many);
    Verification settings = verification.settings(seed);
    Goal goal =
        goals.goal(
            settings,
            hasData
                ? PruningDefaults.ALLOCATION
                : (method == null ? Methods.STANDARD : Methods.named(method)).allocation());
    if (many) {
      return pruneMany(goal);
    }
    Path file = files.get(0);
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      Writing writing = new Writing(spec, console, unverified ? null : settings);
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      Path target = output.checked(model);
      List<Path> data = new ArrayList<>(pipeline.use().data().files());
      OutputFile.requireOwn("--work", pipeline.work(), data);
      if (pipeline.work() != null) {
        data.add(pipeline.work());
      }
      OutputFile.requireFree("--output", target, data);
      if (planOut != null) {
        OutputFile.requireFree("--plan-out", planOut, OnnxReader.files(model));
        OutputFile.requireFree("--plan-out", planOut, data);
        OutputFile.requireFree("--plan-out", planOut, List.of(target));
      }
      report.requireFree(model, data);
      report.requireFree(model, Arrays.asList(target, planOut));
      PruningPlan plan;
      if (hasData) {
        DataPruning pruning =
            new DataPruning(
                spec,
                console,
                pipeline,
                method,
                null,
                goal,
                engines.engine(verification.execution()),
                settings,
                timing,
                verification.execution());
        if (dryRun) {
          pruning.outlook(model, target, phases);
          return ExitCodes.DONE;
        }
        plan = pruning.run(file, model, target, report, phases);
      } else {
        PrunedModel pruned =
            Pruner.of(model)
                .progress(phases)
                .method(method == null ? Methods.STANDARD : Methods.named(method))
                .goal(goal)
                .seed(seed)
                .command(CommandText.of(spec))
                .prune();
        plan = pruned.plan();
        new Notes(console, Printed.err(spec)).onMethod(plan);
        goals.note(new Notes(console, Printed.err(spec)), plan, model);
        if (dryRun) {
          phases.finish();
          new PrunedReport(pruned, null, null).print(console, Printed.out(spec));
          return ExitCodes.DONE;
        }
        writing.write(
            pruned,
            target,
            phases,
            List.of(),
            cut -> timed(cut, phases),
            (cut, verdict) -> report.write(spec, file, target, seed, cut, verdict));
      }
      if (hasData) {
        goals.note(new Notes(console, Printed.err(spec)), plan, model);
      }
      if (planOut != null) {
        Path planFile = planOut;
        OutputFile.write(
            planFile,
            () -> {
              PlanJson.write(plan, planFile);
              return planFile;
            });
      }
      return ExitCodes.DONE;
    }
  }

  @Override
  public Seen seen() {
    return pipeline
        .use()
        .study()
        .opened(OnnxReader.read(files.get(0)), seed, verification.execution());
  }

  private PrunedModel timed(PrunedModel cut, Phases phases) {
    return cut.timed(
        timing.measure(
            report,
            cut.original(),
            cut.model(),
            cut.latency(),
            verification.execution(),
            DataShapes.NONE,
            phases,
            new Notes(console, Printed.err(spec))));
  }

  private void requireSense(boolean hasData, boolean many) {
    new Combinations(spec)
        .refuseAll("pipeline", !hasData, " says how data is used; give --data, or leave it out")
        .refuseAll("engine", !hasData, " says what executes training; give --data, or leave it out")
        .refuse(
            "--max-drop",
            !hasData && goals.saysDrop(),
            " measures accuracy on samples; give --data")
        .refuse(
            "--width " + goals.width(),
            !hasData && goals.width().stated() && !goals.width().keepsAll(),
            " needs samples to measure on: give some (--data)")
        .refuse(
            "--no-verify",
            hasData && unverified,
            ": with --data the cut is always verified, before anything is fine-tuned; leave it out")
        .refuse(
            "--dry-run",
            hasData && dryRun && console.json(),
            " tells people, not machines; leave out --json")
        .refuse("--dry-run", many && dryRun, " is of one model; name one, or leave it out")
        .refuse(
            "--plan-out",
            many && planOut != null,
            " names one file, and there are several models; leave it out: each result's metadata"
                + " has its plan")
        .refuse(
            "--jobs",
            !many && jobs != null,
            ": there is one model; leave it out, or name several or a folder")
        .refuse(
            "--jobs",
            jobs != null && jobs < 1,
            " " + jobs + " is no number of models; give 1 or more")
        .require();
  }

  private int pruneMany(Goal goal) {
    int atOnce = jobs == null ? Runtime.getRuntime().availableProcessors() : jobs;
    if (goal.latency() != null && atOnce > 1) {
      throw new UsageError(
          "--latency is measured, which needs the machine for itself; add --jobs 1, or prune the"
              + " models one by one");
    }
    return new ManyModels(spec, console, output.path(), pipeline.work(), report)
        .run(files, Main.workers(spec, atOnce));
  }
}
