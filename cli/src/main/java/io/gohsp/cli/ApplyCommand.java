package io.gohsp.cli;

import io.gohsp.PrunedModel;
import io.gohsp.Pruner;
import io.gohsp.calibration.Calibration;
import io.gohsp.data.Augmentation;
import io.gohsp.data.ModelData;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Splits;
import io.gohsp.equivalence.UserSamples;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.plan.PlanDraft;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.study.Drafts;
import io.gohsp.study.Goal;
import io.gohsp.verify.DataShapes;
import io.gohsp.verify.GivenSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a model smaller in the way a plan says. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Removes what a plan says, verifies the result and writes it.",
      "The plan may come from another form of the same model and may have been edited: where a number"
          + " stands in place of a list, so many stay, chosen by weights, or on --data. With data and"
          + " --epochs what stays is corrected in closed form, and trained for so many passes (0 for"
          + " none).",
      ""
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  gohsp prune model.onnx -o pruned.onnx --keep-params 0.7 --plan-out plan.json",
      "  gohsp apply model-fp16.onnx plan.json -o pruned-fp16.onnx"
    })
final class ApplyCommand implements Callable<Integer>, Calibrating {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "An ONNX file.")
  private Path file;

  @Parameters(index = "1", paramLabel = "PLAN", description = "What stays, as --plan-out wrote it.")
  private Path planFile;

  @Mixin private OutputFile output = new OutputFile();

  @Mixin private ReportFile report = new ReportFile();
  @Mixin private TimingOptions timing = new TimingOptions();

  @Option(names = "--no-verify", description = "Write without comparing.")
  private boolean unverified;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the random inputs (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin(name = "pipeline")
  private PipelineOptions pipeline = new PipelineOptions();

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
    try (Phases phases = new Phases(console, Printed.err(spec))) {
      Writing writing = new Writing(spec, console, unverified ? null : verification.settings(seed));
      phases.accept("reading");
      Model model = OnnxReader.read(file);
      Path target = output.checked(model);
      OutputFile.requireFree("--output", target, List.of(planFile));
      report.requireFree(model, List.of(target, planFile));
      PruningPlan plan = settled(model, readPlan(planFile), phases);
      Pruner pruner = Pruner.of(model).progress(phases).command(CommandText.of(spec));
      PrunedModel pruned = pruner.apply(plan);
      Notes notes = new Notes(console, Printed.err(spec));
      notes.onOrigin(planFile, plan, model);
      notes.onCounts(planFile, plan);
      if (pipeline.saysEpochs()) {
        correct(model, pruned.plan(), target, phases);
        return ExitCodes.DONE;
      }
      List<GivenSamples> given = given(pruned, phases);
      return writing.write(
          pruned,
          target,
          phases,
          given,
          cut -> timed(cut, DataShapes.of(given), phases, notes),
          (cut, verdict) -> report.write(spec, file, target, seed, cut, verdict));
    }
  }

  @Override
  public Seen seen() {
    return pipeline.use().study().opened(OnnxReader.read(file), seed, verification.execution());
  }

  /** What stays is corrected on the data, and trained if that is asked for. */
  private void correct(Model model, PruningPlan plan, Path target, Phases phases) {
    if (!data().isGiven() || unverified) {
      throw new UsageError(
          "--epochs: correction and training need data, and begin with a cut that is verified; give"
              + " --data, and leave out --no-verify");
    }
    if (plan.isEmpty()) {
      throw new UsageError("--epochs: the plan removes nothing; train the model (gohsp train)");
    }
    List<Path> read = new ArrayList<>(data().files());
    OutputFile.requireOwn("--work", pipeline.work(), read);
    OutputFile.requireFree("--output", target, read);
    report.requireFree(model, read);
    Verification settings = verification.settings(seed);
    new DataPruning(
            spec,
            console,
            pipeline,
            null,
            plan,
            Goal.NONE,
            engines.engine(verification.execution()),
            settings,
            timing,
            verification.execution())
        .run(file, model, target, report, phases);
  }

  private PrunedModel timed(PrunedModel cut, DataShapes data, Phases phases, Notes notes) {
    return cut.timed(
        timing.measure(
            report,
            cut.original(),
            cut.model(),
            cut.latency(),
            verification.execution(),
            data,
            phases,
            notes));
  }

  /** What the plan only counts is chosen: with data by what that says, else by weights. */
  private PruningPlan settled(Model model, PlanDraft draft, Phases phases) {
    if (draft.isSettled() || !data().isGiven()) {
      return Drafts.byWeights(model, draft);
    }
    try (ModelData data = data().open(model).requireClasses()) {
      Splits splits = pipeline.use().study().splits(data, seed);
      Verification settings = verification.settings(seed);
      return Drafts.measured(
          model,
          draft,
          PruningDefaults.METHOD,
          Calibration.of(data, splits, settings.device(), settings.threads(), seed)
              .spread(ClusterSpread.of(spec)),
          splits.train().isLabelled(),
          phases);
    }
  }

  private DataOptions data() {
    return pipeline.use().data();
  }

  /** Samples of the data, to compare on beside random ones; how they are prepared is recorded. */
  private List<GivenSamples> given(PrunedModel pruned, Phases phases) {
    Model model = pruned.original();
    if (!data().isGiven()) {
      return List.of();
    }
    if (unverified) {
      throw new UsageError("--data is for the comparison that --no-verify leaves out; give one");
    }
    try (ModelData data = data().open(model)) {
      DataOptions.tell(phases, data);
      if (!pruned.isCopy()) {
        data.record(pruned.model());
      }
      return UserSamples.first(
          model,
          data.samples(
              Splits.of(data.source(), 0, seed).validation(),
              ModelInputs.of(model),
              Augmentation.NONE));
    }
  }

  /** Reads a plan file; one that cannot be read is like one that says nothing. */
  static PlanDraft readPlan(Path file) {
    if (!Files.exists(file)) {
      throw new ModelException.BadPlan(
          Location.of(file), "there is no such file", "give a plan that --plan-out wrote");
    }
    if (!Files.isRegularFile(file)) {
      throw new ModelException.BadPlan(
          Location.of(file), "is not a regular file", "give a plan that --plan-out wrote");
    }
    try {
      return PlanJson.draft(file);
    } catch (IOException e) {
      throw new ModelException.BadPlan(
          Location.of(file), "cannot be read: " + OutputError.reason(e), null);
    }
  }
}
