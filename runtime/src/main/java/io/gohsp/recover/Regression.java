package io.gohsp.recover;

import io.gohsp.linalg.Cholesky;
import io.gohsp.linalg.Matrix;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sums over some tokens, made ready for a regression of errors e on a layer's inputs x: covariances
 * if the layer has a bias, which then takes what is left in the mean, and second moments if not.
 *
 * @param a [inputs, inputs], symmetric
 * @param b [inputs, outputs], of inputs with errors
 * @param inputMean zeroes if there is no bias
 * @param errorMean likewise
 * @param errorSquares by output, the mean square itself
 */
@SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
record Regression(
    Matrix a, Matrix b, double[] inputMean, double[] errorMean, double[] errorSquares) {
  /** Numerical rank may be less than it seems: then the ridge grows, by this at a time. */
  private static final double STRONGER = 10;

  /** A change of the layer's weight, [inputs, outputs], and of its bias. */
  record Change(Matrix weight, double[] bias) {}

  /**
   * {@code ΔW = (a + μI)⁻¹ b}. Holding ΔW back, and not W + ΔW, makes the cut itself the limit of a
   * strong ridge, so that the error on these tokens can only shrink.
   *
   * @param ridge μ relative to the mean of the diagonal; infinite to change the bias alone
   */
  Change solve(double ridge) {
    int inputs = a.rows();
    double trace = 0;
    for (int i = 0; i < inputs; i++) {
      trace += a.at(i, i);
    }
    double mu = ridge * trace / inputs;
    if (!(mu > 0) || Double.isInfinite(mu)) { // or the inputs never move, and say nothing
      return new Change(Matrix.zeros(inputs, b.columns()), errorMean.clone());
    }
    Matrix held = a.copy();
    Cholesky factor = factor(held, mu);
    for (double more = mu * (STRONGER - 1); factor == null; more *= STRONGER) {
      factor = factor(held, more);
    }
    Matrix weight = factor.solve(b);
    double[] bias = Matrix.of(1, inputs, inputMean).times(weight).values();
    for (int o = 0; o < bias.length; o++) {
      bias[o] = errorMean[o] - bias[o];
    }
    return new Change(weight, bias);
  }

  private static @Nullable Cholesky factor(Matrix held, double more) {
    return Cholesky.of(held.plusDiagonal(more));
  }

  /** Some of the outputs. */
  Regression of(int[] some) {
    int[] every = IntStream.range(0, a.rows()).toArray();
    return new Regression(
        a, b.part(every, some), inputMean, of(errorMean, some), of(errorSquares, some));
  }

  private static double[] of(double[] all, int[] some) {
    return Arrays.stream(some).mapToDouble(o -> all[o]).toArray();
  }

  /** By output the mean square that a change leaves of the errors on these tokens. */
  double[] left(Change change) {
    double[] left = errorSquares.clone();
    Matrix weight = change.weight();
    Matrix moved = a.times(weight);
    double[] constant = Matrix.of(1, a.rows(), inputMean).times(weight).values();
    for (int o = 0; o < left.length; o++) {
      double mean = errorMean[o] - constant[o] - change.bias()[o];
      left[o] += mean * mean - errorMean[o] * errorMean[o];
    }
    for (int i = 0; i < weight.rows(); i++) {
      for (int o = 0; o < left.length; o++) {
        left[o] += weight.at(i, o) * (moved.at(i, o) - 2 * b.at(i, o));
      }
    }
    Arrays.setAll(left, o -> Math.max(0, left[o]));
    return left;
  }
}
