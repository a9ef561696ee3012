package io.gohsp.train;

/**
 * How well a model does on samples it is not trained on.
 *
 * @param loss mean cross-entropy of the labels, without smoothing; without labels the mean of the
 *     objective's comparison with the teacher
 * @param accuracy share of samples whose highest score is the label's or, without labels, the
 *     teacher's; NaN for a model without class scores
 * @param samples how many it was measured on
 * @param labelled whether those are labelled
 */
public record Evaluation(double loss, double accuracy, int samples, boolean labelled) {
  /** Of labelled samples. */
  public Evaluation(double loss, double accuracy, int samples) {
    this(loss, accuracy, samples, true);
  }

  /** What {@link #accuracy} is, in a word or two. */
  public String score() {
    return labelled ? "accuracy" : "top-1 agreement";
  }

  /** Whether this is better: in accuracy, or in loss where there is none or both are equal. */
  public boolean isBetterThan(Evaluation other) {
    if (Double.isNaN(accuracy) || accuracy == other.accuracy) {
      return loss < other.loss;
    }
    return accuracy > other.accuracy;
  }
}
