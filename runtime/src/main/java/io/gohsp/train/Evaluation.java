package io.gohsp.train;

/**
 * How well a model does on samples it is not trained on.
 *
 * @param loss mean cross-entropy of the labels, without smoothing; without labels the mean of the
 *     objective's comparison with the teacher
 * @param accuracy share of samples whose highest score is the label's or, without labels, the
 *     teacher's; NaN for a model without class scores
 * @param samples how many it was measured on
 */
public record Evaluation(double loss, double accuracy, int samples) {
  /** Whether this is better: in accuracy, or in loss where there is none or both are equal. */
  public boolean isBetterThan(Evaluation other) {
    if (Double.isNaN(accuracy) || accuracy == other.accuracy) {
      return loss < other.loss;
    }
    return accuracy > other.accuracy;
  }
}
