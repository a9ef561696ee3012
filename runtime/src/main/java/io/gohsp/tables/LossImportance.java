package io.gohsp.tables;

import io.gohsp.autodiff.Loss;
import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.EnoughSamples;
import io.gohsp.calibration.LossGradients;
import io.gohsp.data.DataException;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.recover.LayerInputs;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.recover.SurgeonResiduals;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.workers.Shards;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Importance in the unit of the loss, for all kinds of group alike: what removing a group costs
 * when its turn comes, to second order {@code ½ E[(g·Δ)²]} with g the gradient of the loss by an
 * activation and Δ the activation's change (METHOD.md section 10). Labels are drawn from the model,
 * so that this is the Kullback-Leibler divergence from the dense model to second order, and data
 * needs none.
 *
 * <p>Query-key columns: nothing makes up for them, Δ is what they add to the logits, and {@code
 * g·Δ} is the derivative by a gate on the column, summed over a sample. Heads, value columns and
 * neurons: what stays makes up for most of what goes, so Δ is what the best correction leaves
 * ({@link SurgeonResiduals}), a mean square at the layer's output in which every channel counts by
 * {@code E[g²]}: streams of text models have channels that are a hundred times as large as others,
 * and hardly matter. One number for each layer brings that to the loss: {@code ½ Σ E[(∂L/∂γ_g)²] /
 * Σ E|x_g W_g|²} over its groups g, in the same measure; it is about ½ where what tokens and groups
 * add is independent. [C], ours; one with the whole matrix {@code E[ggᵀ]} chose no better
 * (docs/RESULTS.md).
 */
public final class LossImportance {
  private static final Set<GroupKind> OF_ATTENTION = Set.of(GroupKind.HEADS, GroupKind.V);

  private LossImportance() {}

  /**
   * Measures all groups.
   *
   * @param inputs what output layers read, by name, where that is known already; null to measure it
   * @param settings how much is added to variances
   * @param shards of which others than this process may compute some, by {@link #summing}
   * @return scores whose sums over what goes are losses, in nats for class scores
   * @throws ModelException.Unsupported if the model cannot be differentiated
   * @throws DataException if the samples cannot be used
   */
  public static Importance measure(
      WorkingModel working,
      Calibration calibration,
      @Nullable Map<String, LayerInputs> inputs,
      RecoverySettings settings,
      Shards shards) {
    Loss loss = CalibrationLoss.of(working, false);
    LossGradients gradients =
        LossGradients.measure(
            working,
            loss,
            SurgeonResiduals.outputs(working),
            EnoughSamples.forGradients(working, calibration),
            shards);
    Importance squares = gradients.gates();
    SurgeonResiduals residuals =
        SurgeonResiduals.of(
            working,
            inputs == null ? SurgeonResiduals.inputs(working, calibration) : inputs,
            settings,
            gradients.outputs());
    for (int block = 0; block < working.blocks().size(); block++) {
      Scores scores = squares.blocks().get(block);
      Scores residual = residuals.residual().blocks().get(block);
      Scores energy = residuals.energy().blocks().get(block);
      Set<GroupKind> measured = residuals.measured().get(block);
      GroupKind ofAttention = measured.contains(GroupKind.V) ? GroupKind.V : GroupKind.HEADS;
      double attention = lossOfError(scores, energy, ofAttention);
      double mlp = lossOfError(scores, energy, GroupKind.NEURONS);
      for (GroupKind kind : GroupKind.values()) {
        if (measured.contains(kind)) {
          double unit = OF_ATTENTION.contains(kind) ? attention : mlp;
          copy(residual.of(kind), unit, scores.of(kind));
        } else {
          copy(scores.of(kind), 1 / 2.0, scores.of(kind));
        }
      }
    }
    return squares;
  }

  /** What a backward pass adds up over samples for {@link #measure}. */
  public static Shards.Summing summing(WorkingModel working, Calibration calibration) {
    return LossGradients.summing(
        working,
        CalibrationLoss.of(working, false),
        SurgeonResiduals.outputs(working),
        EnoughSamples.forGradients(working, calibration));
  }

  /** What a unit of squared error at the output of a layer costs the loss. */
  private static double lossOfError(Scores squares, Scores energy, GroupKind kind) {
    double carried = sum(energy.of(kind));
    return carried > 0 ? sum(squares.of(kind)) / carried / 2 : 0;
  }

  private static double sum(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).sum();
  }

  private static void copy(double[][] from, double factor, double[][] to) {
    for (int row = 0; row < to.length; row++) {
      for (int i = 0; i < to[row].length; i++) {
        to[row][i] = factor * from[row][i];
      }
    }
  }
}
