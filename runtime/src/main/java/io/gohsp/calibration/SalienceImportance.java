package io.gohsp.calibration;

import io.gohsp.autodiff.Loss;
import io.gohsp.importance.Measured;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.selection.NeuronNorms;
import java.util.List;

/**
 * The salience of SSP (METHOD.md section 7): heads by {@code E|⟨O_h, ∂L/∂O_h⟩|}, the expectation
 * over samples, divided by the l2 norm of these numbers in its layer; neurons by {@code ‖W1[m,:]‖₁
 * + ‖W2[:,m]‖₁}. {@code ⟨O_h, ∂L/∂O_h⟩} is the gradient of the head's gate. SSP has no scores for
 * columns; theirs are the same as those of heads, which is our choice.
 */
public final class SalienceImportance {
  private SalienceImportance() {}

  /**
   * Scores all groups.
   *
   * @param loss of an output of {@code working.model()}, see {@link
   *     io.gohsp.importance.CalibrationLoss}
   * @throws io.gohsp.ir.ModelException.Unsupported if the model cannot be differentiated
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public static Importance measure(WorkingModel working, Loss loss, Calibration calibration) {
    Importance salience =
        GroupShares.mean(working, loss, Measured.GATES, calibration, GroupShares.Of.MAGNITUDE);
    List<double[]> norms = NeuronNorms.of(working);
    for (int i = 0; i < norms.size(); i++) {
      Scores scores = salience.blocks().get(i);
      normalize(scores.of(GroupKind.HEADS));
      normalize(scores.of(GroupKind.QK));
      normalize(scores.of(GroupKind.V));
      System.arraycopy(norms.get(i), 0, scores.neurons(), 0, norms.get(i).length);
    }
    return salience;
  }

  /** In place; what is zero throughout stays so. */
  private static void normalize(double[][] layer) {
    double squares = 0;
    for (double[] row : layer) {
      for (double score : row) {
        squares += score * score;
      }
    }
    for (double[] row : layer) {
      for (int i = 0; i < row.length && squares > 0; i++) {
        row[i] /= Math.sqrt(squares);
      }
    }
  }
}
