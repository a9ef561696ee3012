package io.gohsp.pipeline;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.CalibrationSize;
import io.gohsp.calibration.Spread;
import io.gohsp.data.ModelData;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.equivalence.NotEquivalent;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Verification;
import io.gohsp.ir.Model;
import io.gohsp.phase.Material;
import io.gohsp.phase.RunListener;
import io.gohsp.phase.Work;
import io.gohsp.plan.InvalidOption;
import io.gohsp.study.Goal;
import io.gohsp.work.Fingerprint;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Pruning with data, ready to run: which samples are for what, what the pipeline is to do, and what
 * must be the same for it to go on in a work directory.
 */
public final class DataRun {
  private Material material;
  private final ModelData data;
  private final PruningSettings settings;

  /**
   * Puts a run together.
   *
   * @param data opened for the model; the caller's to close
   * @param use how they are used
   * @param goal how much stays
   * @param engine what executes training
   * @param verification how the cut is verified, and where models run; its seed is that of whatever
   *     else is random, too
   * @param command what the result's metadata is to call the command that made it; null for none
   * @throws InvalidOption if what was said makes no sense, or says not how much to keep
   * @throws io.gohsp.data.DataException if there are too few samples, or labels that the model has
   *     no score for
   */
  public DataRun(
      Model original,
      ModelData data,
      DataUse use,
      Goal goal,
      Engine engine,
      Verification verification,
      @Nullable String command) {
    this.data = data.requireClasses();
    long seed = verification.seed();
    Splits splits = CalibrationSize.splits(data.source(), use.calibration(), seed);
    settings =
        use.settings(
            original,
            splits,
            goal,
            verification,
            new PruningSettings.Origin(command, seed, data.description()));
    Calibration calibration =
        Calibration.of(data, splits, verification.device(), verification.threads(), seed);
    material = new Material(original, splits, data, calibration, engine);
  }

  /** Has others see the calibration and validation samples as well; null for none. */
  public DataRun spread(@Nullable Spread others) {
    material =
        new Material(
            material.original(),
            material.splits(),
            material.preparation(),
            material.calibration().spread(others),
            material.engine());
    return this;
  }

  /** What the pipeline is to do. */
  public PruningSettings settings() {
    return settings;
  }

  /** What is pruned, on what. */
  public Material material() {
    return material;
  }

  /** How much there is to do. */
  public Workload workload() {
    return Workload.of(settings, material.splits());
  }

  /**
   * Prunes.
   *
   * @param work where checkpoints are kept and looked for; null for nowhere
   * @return with the preparation of pictures in its metadata
   * @throws NotEquivalent if the cut does not compute what the original does without what goes
   * @throws io.gohsp.ir.ModelException.NothingToPrune if not as much can go as was asked for
   * @throws io.gohsp.data.DataException if the data cannot be used
   * @throws InvalidOption if the work directory belongs to another run
   */
  public PruningResult run(@Nullable Path work, RunListener listener) {
    PruningPipeline pipeline = new PruningPipeline(material, settings).telling(listener);
    if (work != null) {
      pipeline.in(new Work(work, identity()));
    }
    PruningResult result = pipeline.run();
    data.record(result.model());
    return result;
  }

  /** Everything that has a part in the result. */
  private String identity() {
    return "gohsp: %s; model: %s; data: %s; %s; calibration: %d; verification: %s; engine: %s"
        .formatted(
            Provenance.version(),
            Fingerprint.of(material.original()),
            data.identity(),
            settings.terms(),
            material.splits().calibration().size(),
            settings.verification(),
            material.engine().identity());
  }
}
