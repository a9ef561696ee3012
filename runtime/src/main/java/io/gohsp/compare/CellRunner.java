package io.gohsp.compare;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.Augmentation;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.method.OneShot;
import io.gohsp.method.TrainedMethod;
import io.gohsp.ort.OrtOptions;
import io.gohsp.phase.Material;
import io.gohsp.phase.RunListener;
import io.gohsp.phase.Soften;
import io.gohsp.phase.Tune;
import io.gohsp.phase.Work;
import io.gohsp.pipeline.PruningPipeline;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.pipeline.PruningSettings;
import io.gohsp.plan.PlanJson;
import io.gohsp.study.Goal;
import io.gohsp.train.Agreement;
import io.gohsp.train.Recipe;
import io.gohsp.train.TrainingListener;
import io.gohsp.work.Fingerprint;
import io.gohsp.work.WorkFile;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs cells: a cell becomes a pipeline. */
final class CellRunner {
  private final Model original;
  private final ComparisonSettings settings;
  private final ComparisonData data;
  private final Engine engine;
  private final OrtOptions options;

  private final DenseModel dense;

  CellRunner(
      Model original,
      ComparisonSettings settings,
      ComparisonData data,
      Engine engine,
      OrtOptions options,
      DenseModel dense) {
    this.dense = dense;
    this.original = original;
    this.settings = settings;
    this.data = data;
    this.engine = engine;
    this.options = options;
  }

  /** Runs a cell, or goes on with it. */
  CellResult run(Cell cell, CellFiles files, String identity, ComparisonListener listener) {
    long start = System.nanoTime();
    boolean resumed = files.isBegun();
    files.begin();
    Splits splits = data.of(cell.seed());
    TrainingListener training = listener.training();
    AtomicReference<@Nullable Agreement> atCut = new AtomicReference<>();
    PruningResult result =
        new PruningPipeline(
                new Material(
                    original, splits, data.preparation(), calibration(splits, cell.seed()), engine),
                settings(cell, splits.train().size()))
            .in(new Work(files.run(), identity))
            .telling(
                new RunListener() {
                  @Override
                  public void doing(String what) {
                    listener.phase(what);
                  }

                  @Override
                  public TrainingListener training() {
                    return training;
                  }

                  @Override
                  public void cut(Model pruned) {
                    atCut.set(agreement(splits, pruned));
                  }
                })
            .knowing(dense.evaluation())
            .run();
    dense.know(result.outcome().dense());
    data.record().accept(result.model());
    Agreement last = agreement(splits, result.model());
    Agreement first = atCut.get() == null ? last : atCut.get();
    return files.finish(
        result.model(),
        sha256 ->
            new CellResult(
                cell.method(),
                cell.budget(),
                cell.seed(),
                result.outcome().dense(),
                result.outcome().atCut(),
                result.outcome().untuned(),
                result.outcome().last(),
                first,
                last,
                result.after().params(),
                result.after().macs(),
                result.after().bytes(),
                steps(result, Soften.NAME),
                steps(result, Tune.NAME),
                (System.nanoTime() - start) / 1e9,
                resumed,
                WorkFile.sha256(PlanJson.compact(result.plan()).getBytes(StandardCharsets.UTF_8)),
                sha256,
                Fingerprint.of(original)));
  }

  private static long steps(PruningResult result, String phase) {
    return result.phases().stream()
        .filter(each -> each.name().equals(phase))
        .mapToLong(each -> each.training().steps())
        .sum();
  }

  private PruningSettings settings(Cell cell, int samples) {
    Entrant entrant = cell.entrant();
    TrainedMethod method =
        entrant == null ? new OneShot(new Untouched(), cell.seed()) : entrant.method(cell.seed());
    long before = settings.stepsBefore(method.share());
    Recipe recipe = settings.recipe().withSeed(cell.seed());
    Verification verification = settings.verification();
    return new PruningSettings(
        method,
        cell.goal() == null ? Goal.of(Untouched.EVERYTHING) : cell.goal(),
        entrant != null && settings.rotated(),
        entrant == null ? null : settings.recovery(),
        new PruningSettings.Training(
            before == 0 ? null : recipe.withUpdates(before, samples),
            recipe.withUpdates(settings.steps() - before, samples),
            settings.gentle(),
            settings.supervision()),
        new Verification(
            verification.samples(),
            cell.seed(),
            verification.sizes(),
            verification.device(),
            verification.threads()),
        // Without the command: the same cell has the same bytes, whatever else is compared.
        new PruningSettings.Origin(null, cell.seed(), data.description()));
  }

  private Calibration calibration(Splits splits, long seed) {
    return new Calibration(
            inputs -> data.preparation().samples(splits.calibration(), inputs, Augmentation.NONE),
            Calibration.BATCH,
            options,
            seed)
        .withMask(data.mask());
  }

  private Agreement agreement(Splits splits, Model model) {
    Samples held = data.held(splits, original);
    return new Agreement.First(
            original, held, settings.recipe().batch(), engine, data.mask(), dense.scores())
        .with(model);
  }
}
