package io.gohsp.train;

import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.nio.FloatBuffer;

/**
 * Class scores of a batch.
 *
 * @param logits [rows, classes]
 */
record ClassScores(FloatBuffer logits, int classes) {
  static ClassScores of(HostTensor tensor, int rows) {
    FloatBuffer floats =
        tensor.type() == ElementType.FLOAT
            ? tensor.bytes().asFloatBuffer()
            : FloatBuffer.wrap(tensor.floats());
    return new ClassScores(floats, tensor.size() / rows);
  }

  /** The class with the highest score; the first of several. */
  int highest(int row) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (logits.get(row * classes + c) > logits.get(row * classes + best)) {
        best = c;
      }
    }
    return best;
  }

  /** Cross-entropy of a label. */
  double crossEntropy(int row, int label) {
    return logSum(row) - logits.get(row * classes + label);
  }

  /** Kullback-Leibler divergence of another's distribution from this one. */
  double divergence(ClassScores other, int row) {
    double ownSum = logSum(row);
    double otherSum = other.logSum(row);
    double sum = 0;
    for (int c = row * classes; c < (row + 1) * classes; c++) {
      double own = logits.get(c) - ownSum;
      double share = Math.exp(own);
      if (share != 0) { // a class that is ruled out has a score of minus infinity
        sum += share * (own - (other.logits.get(c) - otherSum));
      }
    }
    return sum;
  }

  /** Whether the scores of a row give no distribution: one is NaN, or all are minus infinity. */
  boolean isNothing(int row) {
    return Double.isNaN(logSum(row));
  }

  private double logSum(int row) {
    double max = logits.get(row * classes + highest(row));
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(logits.get(row * classes + c) - max);
    }
    return max + Math.log(sum);
  }
}
