package io.gohsp.method;

import io.gohsp.basis.Basis;
import io.gohsp.basis.BasisChange;
import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.SyntheticSamples;
import io.gohsp.data.DataException;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.Importance;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions;
import io.gohsp.plan.SelectionOptions.Allocation;
import io.gohsp.ranking.HeadRanker;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.rotation.Rotation;
import io.gohsp.tables.LossImportance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What pruning with data does, on samples that are made up: columns of heads in the basis that
 * loses least on them, and of everything what costs the loss least. Weights stay what they are: a
 * correction would fit what the model does with noise.
 */
final class Synthetic implements PruningMethod {
  /** The same plan everywhere that rounds alike: what comes out is to be the same bytes. */
  private static final OrtOptions EXACT = OrtOptions.DEFAULT.withThreads(1).withDeterministic(true);

  private static final int SAMPLES = 64;

  @Override
  public String name() {
    return "synthetic";
  }

  @Override
  public String description() {
    return "removes what costs least on random tokens or pictures of noise";
  }

  @Override
  public PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed) {
    return planner(model, seed).plan(options);
  }

  @Override
  public Planner planner(WorkingModel model, long seed) {
    try {
      Calibration calibration =
          SyntheticSamples.calibration(model.model(), SAMPLES, HeadRanker.BATCH, EXACT, seed);
      if (calibration != null) {
        return measured(model, calibration);
      }
    } catch (ModelException.Unsupported | ModelException.ExecutionFailed | DataException e) {
      // weights tell something of every model
    }
    Planner byWeights = Methods.SOMP.planner(model, seed);
    return options ->
        byWeights.plan(
            options != null && options.allocation() == Allocation.KNAPSACK
                ? options.with(Allocation.UNIFORM)
                : options);
  }

  private Planner measured(WorkingModel model, Calibration calibration) {
    Rotation rotation = Rotation.measure(model, calibration);
    List<@Nullable Basis> bases = rotation.bases();
    WorkingModel turned = WorkingModel.normalized(BasisChange.apply(model.model(), bases));
    Importance losses =
        LossImportance.measure(turned, calibration, rotation.inputs(), RecoverySettings.STANDARD);
    Planner planner = Selection.planner(name(), turned, losses);
    return options -> planner.plan(options == null ? null : options.withLosses(losses)).in(bases);
  }

  @Override
  public Allocation allocation() {
    return Allocation.KNAPSACK;
  }
}
