package io.gohsp.compare;

import io.gohsp.train.Agreement;
import io.gohsp.train.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the dense model of a comparison by now. All cells have the same validation part,
 * so that whoever runs several measures it once. Safe for use by several threads.
 */
public final class DenseModel {
  private final Agreement.Scores scores = new Agreement.Scores();
  private volatile @Nullable Evaluation evaluation;

  /** Nothing is known. */
  public DenseModel() {}

  @Nullable Evaluation evaluation() {
    return evaluation;
  }

  void know(Evaluation found) {
    evaluation = found;
  }

  /** What it says about the validation part. */
  Agreement.Scores scores() {
    return scores;
  }
}
