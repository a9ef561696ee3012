package io.gohsp.importance;

import io.gohsp.autodiff.Loss;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import java.util.List;

/**
 * The loss by which groups are judged, for what is known. The sources name a loss with labels only;
 * the two without are our choice. Distance from the dense model's own output would not do: it is
 * smallest at the dense model, so that its gradient is zero there.
 */
public final class CalibrationLoss {
  private CalibrationLoss() {}

  /**
   * For the first output of real numbers: if it is [samples, classes], cross-entropy with the
   * labels, or with labels that the model draws itself where there are none; otherwise a projection
   * on random signs.
   *
   * @param labelled whether the data says which class samples are of
   * @throws ModelException.Unsupported if no output holds real numbers
   */
  public static Loss of(WorkingModel working, boolean labelled) {
    for (Value output : working.model().graph().outputs()) {
      ElementType type = working.facts().type(output);
      List<Size> shape = working.facts().shape(output);
      if (type == null || !type.isFloating() || shape == null || shape.isEmpty()) {
        continue;
      }
      if (shape.size() != 2 || !shape.get(1).isKnown()) {
        return new Loss.Projection(output, 1);
      }
      return labelled
          ? new Loss.CrossEntropy(output, 0, 1)
          : new Loss.SampledCrossEntropy(output, 1);
    }
    throw new ModelException.Unsupported(
        Location.of(working.model()),
        "no output holds real numbers that a loss could be computed from",
        "return the logits as well");
  }
}
