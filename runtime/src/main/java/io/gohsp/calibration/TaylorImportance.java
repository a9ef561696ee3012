package io.gohsp.calibration;

import io.gohsp.autodiff.Loss;
import io.gohsp.importance.Measured;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.Importance;

/**
 * First-order Taylor importance: the square of how much the loss changes, to first order, as a
 * group is scaled down.
 *
 * <ul>
 *   <li>{@link Measured#WEIGHTS}: {@code E_batch[(Σ_{w∈g} w·∂L/∂w)²]}, METHOD.md section 7. The
 *       expectation is over batches, so the score depends on how samples are divided into them.
 *   <li>{@link Measured#GATES}: {@code E_sample[(∂L/∂γ_g)²]}, our variant: independent of the
 *       batches, half as expensive, and the derivative towards what removal does, which sets the
 *       gate to zero. Order of groups may differ from the former for neurons and heads, see {@link
 *       io.gohsp.importance.SensitivityGraph}.
 * </ul>
 */
public final class TaylorImportance {
  private TaylorImportance() {}

  /**
   * Scores all groups.
   *
   * @param loss of an output of {@code working.model()}, see {@link
   *     io.gohsp.importance.CalibrationLoss}
   * @throws io.gohsp.ir.ModelException.Unsupported if the model cannot be differentiated
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static Importance measure(
      WorkingModel working, Loss loss, Measured measured, Calibration calibration) {
    return GroupShares.mean(working, loss, measured, calibration, GroupShares.Of.SQUARE);
  }
}
