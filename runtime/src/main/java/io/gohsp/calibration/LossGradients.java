package io.gohsp.calibration;

import io.gohsp.autodiff.Loss;
import io.gohsp.importance.Measured;
import io.gohsp.importance.SensitivityGraph;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.Importance;
import io.gohsp.workers.Shards;
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
   * @param shards of which others than this process may compute some, by {@link #summing}
   * @throws io.gohsp.ir.ModelException.Unsupported if the model cannot be differentiated
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static LossGradients measure(
      WorkingModel working,
      Loss loss,
      List<SensitivityGraph.Channels> channels,
      Calibration calibration,
      Shards shards) {
    GroupShares shares =
        GroupShares.sharded(
            graph(working, loss, channels),
            working,
            loss,
            calibration,
            GroupShares.Of.SQUARE,
            shards);
    return new LossGradients(shares.importance(), shares.squares());
  }

  /** What is added up over samples for {@link #measure}. */
  public static Shards.Summing summing(
      WorkingModel working,
      Loss loss,
      List<SensitivityGraph.Channels> channels,
      Calibration calibration) {
    return GroupShares.summing(
        graph(working, loss, channels), working, loss, calibration, GroupShares.Of.SQUARE);
  }

  private static SensitivityGraph graph(
      WorkingModel working, Loss loss, List<SensitivityGraph.Channels> channels) {
    return SensitivityGraph.of(working, loss, Measured.GATES, channels);
  }
}
