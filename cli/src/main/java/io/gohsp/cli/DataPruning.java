package io.gohsp.cli;

import io.gohsp.compare.Outlook;
import io.gohsp.data.ModelData;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.UserSamples;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.pipeline.DataRun;
import io.gohsp.pipeline.DataUse;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.plan.PruningPlan;
import io.gohsp.report.Quantity;
import io.gohsp.study.Goal;
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
 */
record DataPruning(
    CommandSpec spec,
    ConsoleOptions console,
    PipelineOptions options,
    @Nullable String method,
    @Nullable PruningPlan given,
    Goal goal,
    Engine engine,
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
    try (ModelData data = options.use().data().open(model)) {
      Notes notes = new Notes(console, Printed.err(spec));
      notes.onMask(model, data.mask());
      DataRun run = run(model, data);
      PruningResult result;
      try (PipelineProgress progress =
          new PipelineProgress(
                  phases,
                  new TrainingProgress(console, Printed.err(spec), data.description()),
                  dense -> notes.onChance(dense, data.source()))
              .of(run.workload())) {
        result = run.run(options.work(), progress);
      } catch (NotEquivalent e) {
        if (console.json()) {
          PipelineReport.printRefusal(e.verdict(), Printed.out(spec));
        }
        throw e;
      }
      phases.accept("writing");
      OutputFile.write(
          target,
          () -> {
            result.write(target);
            return target;
          });
      MeasuredLatency latency =
          timing.measure(
              report,
              model,
              result.model(),
              result.choice().latency(),
              execution,
              UserSamples.shapes(
                  run.material().calibration().samples().apply(ModelInputs.of(model))),
              phases,
              notes);
      phases.finish();
      report.write(file, target, result, latency);
      PipelineReport said = new PipelineReport(result, latency, target);
      if (console.json()) {
        notes.onWorse(target, said.worse()); // people have it in the last line
      }
      said.print(console, Printed.out(spec));
      return result.plan();
    }
  }

  private DataRun run(Model model, ModelData data) {
    long seed = verification.seed();
    DataUse use = given == null ? options.use(method, seed) : options.use(given, seed);
    return new DataRun(model, data, use, goal, engine, verification, CommandText.of(spec))
        .spread(ClusterSpread.of(spec));
  }

  /** Says what {@link #run} would do, and about how long that takes. */
  void outlook(Model model, Path target, Phases phases) {
    try (ModelData data = options.use().data().open(model)) {
      DataRun run = run(model, data);
      phases.accept("trying how fast it is");
      Outlook outlook = Outlook.of(run);
      phases.finish();
      Splits splits = run.material().splits();
      PrintWriter out = Printed.out(spec);
      out.println(data.description());
      out.println(
          "method %s; %,d samples to calibrate on, %,d to validate on"
              .formatted(
                  run.settings().method().name(),
                  splits.calibration().size(),
                  splits.validation().size()));
      out.println(
          String.format(
              Locale.ROOT,
              "%,d updates, %.0f ms each; all of it takes about %s%s",
              outlook.steps(),
              1e3 * outlook.stepSeconds(),
              Quantity.duration(outlook.seconds()),
              goal.latency() == null ? "" : ", and the sizes that are timed come on top"));
      out.println(target + " would be written; nothing was");
      out.flush();
    }
  }
}
