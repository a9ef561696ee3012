package io.gohsp.cli;

import io.gohsp.calibration.Calibration;
import io.gohsp.compare.Outlook;
import io.gohsp.data.DataSource;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.method.TrainedMethod;
import io.gohsp.phase.Material;
import io.gohsp.phase.Work;
import io.gohsp.pipeline.PruningDefaults;
import io.gohsp.pipeline.PruningPipeline;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.pipeline.PruningSettings;
import io.gohsp.pipeline.Workload;
import io.gohsp.plan.PruningPlan;
import io.gohsp.study.Goal;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.work.Fingerprint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * {@code prune} with data: options become a pipeline, its result a file and a report.
 *
 * @param method null for the default
 * @param given a plan that says what stays; null if the method does
 * @param timing whether a report says how long models take
 * @param execution how they run then
 * @param engineIdentity what of the engine changes the result's last bits
 */
record DataPruning(
    CommandSpec spec,
    ConsoleOptions console,
    PipelineOptions options,
    @Nullable String method,
    @Nullable PruningPlan given,
    Goal goal,
    Engine engine,
    String engineIdentity,
    Verification verification,
    TimingOptions timing,
    ExecutionOptions execution) {

  /**
   * Prunes, writes and reports.
   *
   * @param file where the model is from
   * @return what stayed
   */
  PruningPlan run(Path file, Model model, Path target, ReportFile report, Phases phases) {
    long seed = verification.seed();
    DataUseOptions use = options.use();
    use.data().knowing(model);
    TrainedMethod trained = trained(seed);
    try (DataSource source = use.data().open()) {
      new Notes(console, Printed.err(spec)).onMask(model, use.data().mask());
      int calibration = use.study().calibration(source);
      Splits splits = use.study().splits(source, seed);
      PruningSettings settings = settings(model, source, trained, seed, splits.train().size());
      PruningPipeline pipeline =
          new PruningPipeline(
              new Material(model, splits, use.data()::samples, calibration(splits, seed), engine),
              settings);
      Path work = options.work();
      if (work != null) {
        pipeline.in(new Work(work, identity(model, source, settings, calibration)));
      }
      PruningResult result;
      try (PipelineProgress progress =
          new PipelineProgress(
                  phases,
                  new TrainingProgress(
                      console, Printed.err(spec), use.data().description(source, model)),
                  dense -> new Notes(console, Printed.err(spec)).onChance(dense, source))
              .of(Workload.of(settings, splits))) {
        result = pipeline.telling(progress).run();
      } catch (NotEquivalent e) {
        if (console.json()) {
          PipelineReport.printRefusal(e.verdict(), Printed.out(spec));
        }
        throw e;
      }
      use.data().record(source.train(), result.model());
      phases.accept("writing");
      OutputFile.write(
          target,
          () -> {
            OnnxWriter.write(result.model(), target);
            return target;
          });
      MeasuredLatency latency =
          timing.measure(
              report,
              model,
              result.model(),
              result.latency(),
              execution,
              phases,
              new Notes(console, Printed.err(spec)));
      phases.finish();
      report.write(file, target, result, latency);
      new PipelineReport(result, latency, target).print(console, Printed.out(spec));
      return result.plan();
    }
  }

  private TrainedMethod trained(long seed) {
    return given == null ? options.method(method, seed) : options.method(given, seed);
  }

  /** Says what {@link #run} would do, and about how long that takes. */
  void outlook(Model model, Path target, Phases phases) {
    long seed = verification.seed();
    DataUseOptions use = options.use();
    use.data().knowing(model);
    TrainedMethod trained = trained(seed);
    try (DataSource source = use.data().open()) {
      Splits splits = use.study().splits(source, seed);
      PruningSettings settings = settings(model, source, trained, seed, splits.train().size());
      phases.accept("trying how fast it is");
      Outlook outlook = Outlook.of(model, settings, use.data()::samples, splits, engine);
      phases.finish();
      PrintWriter out = Printed.out(spec);
      out.println(use.data().description(source, model));
      out.println(
          "method %s; %,d samples to calibrate on, %,d to validate on"
              .formatted(trained.name(), splits.calibration().size(), splits.validation().size()));
      out.println(
          String.format(
              Locale.ROOT,
              "%,d updates, %.0f ms each; all of it takes about %s%s",
              outlook.steps(),
              1e3 * outlook.stepSeconds(),
              Quantity.duration(outlook.seconds()),
              goal.drop() == null && goal.latency() == null
                  ? ""
                  : ", and the sizes that are tried come on top"));
      out.println(target + " would be written; nothing was");
      out.flush();
    }
  }

  private PruningSettings settings(
      Model model, DataSource source, TrainedMethod trained, long seed, int samples) {
    Value logits = Objective.logits(model);
    if (logits != null) {
      source.requireClasses(Objective.classes(model, logits));
    }
    int batch = Objective.builtInBatch(model).orElse(Recipe.STANDARD.batch());
    Recipe soft = options.soft(trained, PruningDefaults.TRAINING.withBatch(batch), seed);
    Recipe tune = options.tune(trained, PruningDefaults.TRAINING.withBatch(batch), seed);
    boolean brief = PruningDefaults.isBrief(seen(soft, samples) + seen(tune, samples), samples);
    return new PruningSettings(
        trained,
        goal,
        options.use().study().isRotated(),
        options.use().recovery(),
        new PruningSettings.Training(
            soft,
            tune,
            brief && !options.use().recipes().saysRate(),
            options.use().supervision(source, brief)),
        verification,
        new PruningSettings.Origin(
            CommandText.of(spec), seed, options.use().data().description(source, model)));
  }

  /** Samples that are trained on, each as often as that happens. */
  private static long seen(@Nullable Recipe recipe, int samples) {
    return recipe == null ? 0 : recipe.seen(samples);
  }

  private Calibration calibration(Splits splits, long seed) {
    return options
        .use()
        .study()
        .calibration(splits, seed, verification.device(), verification.threads());
  }

  private String masked() {
    String mask = options.use().data().mask();
    return mask == null ? "" : ", mask " + mask;
  }

  /** Everything that has a part in the result. */
  private String identity(
      Model model, DataSource source, PruningSettings settings, int calibration) {
    return "gohsp %s; model %s; data %s, %s; %s; calibration %d%s; verification %s; engine %s"
        .formatted(
            Provenance.version(),
            Fingerprint.of(model),
            source.identity(),
            options.use().data().preparation(source.train(), ModelInputs.of(model)),
            settings.terms(),
            calibration,
            masked(),
            verification,
            engineIdentity);
  }
}
