package io.gohsp.calibration;

import io.gohsp.autodiff.Loss;
import io.gohsp.importance.Measured;
import io.gohsp.importance.SensitivityGraph;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.Importance;
import java.util.List;
import java.util.Map;

/**
 * What one backward pass over the samples tells of groups and of the layers that they write to.
 *
 * @param gates {@code E[(∂L/∂γ)²]} of each group's gate, as {@link TaylorImportance} has it
 * @param outputs by name of a layer's output and channel {@code E Σ (∂L/∂y)²} over the tokens of a
 *     sample: twice what an error of one in that channel of all tokens costs, to second order
 */
public record LossGradients(Importance gates, Map<String, double[]> outputs) {
  /**
   * Measures both.
   *
   * @param channels the outputs; some may be missing in the result
   * @throws io.gohsp.ir.ModelException.Unsupported if the model cannot be differentiated
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static LossGradients measure(
      WorkingModel working,
      Loss loss,
      List<SensitivityGraph.Channels> channels,
      Calibration calibration) {
    GroupShares shares =
        GroupShares.run(
            working, loss, Measured.GATES, channels, calibration, share -> share * share);
    return new LossGradients(shares.importance(), shares.squares());
  }
}
