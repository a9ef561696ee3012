package io.gohsp.allocation;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.ModelInputs;
import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.recover.Recovery;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.train.Agreement;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How far a model is from what it was once a plan is cut out of it: mean Kullback-Leibler
 * divergence of its class scores or, without such, the relative error of its outputs. The cut is
 * corrected on one half of the calibration samples and compared on the other, so that a correction
 * that only learns its samples by heart gains nothing. No labels.
 */
public final class CutDivergence implements ToDoubleFunction<PruningPlan> {
  private final Model original;
  private final Calibration corrected;
  private final @Nullable RecoverySettings recovery;
  private final Agreement.First dense;

  /**
   * @param recovery closed-form correction of candidates; null for none
   * @param batch samples in a run where models are compared
   * @param engine what runs them there
   */
  public CutDivergence(
      Model original,
      Calibration calibration,
      @Nullable RecoverySettings recovery,
      int batch,
      Engine engine) {
    this.original = original;
    this.recovery = recovery;
    corrected = calibration.half(0);
    dense =
        new Agreement.First(
            original, calibration.half(1).samples().apply(ModelInputs.of(original)), batch, engine);
  }

  @Override
  public double applyAsDouble(PruningPlan plan) {
    Model pruned = Pruning.prune(original, plan);
    if (recovery != null) {
      Recovery.of(original, plan, corrected, recovery).apply(pruned);
    }
    Agreement agreement = dense.with(pruned);
    return Double.isNaN(agreement.divergence())
        ? agreement.relativeError()
        : agreement.divergence();
  }
}
