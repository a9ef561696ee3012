package io.gohsp.recover;

import io.gohsp.linalg.Cholesky;
import io.gohsp.linalg.Matrix;
import io.gohsp.linalg.RowProducts;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.ort.HostTensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sums over the tokens that count, which say which change of a layer, {@code ΔW} [inputs, outputs]
 * and {@code Δb} [outputs], brings {@code x ΔW + Δb} nearest to the errors e. In double precision,
 * in the order of the samples.
 */
final class NormalEquations {
  /** Numerical rank may be less than it seems: then the ridge grows, by this at a time. */
  private static final double STRONGER = 10;

  /**
   * A change of a layer and what it does to the mean squared error of an output.
   *
   * @param weight [inputs, outputs] row by row
   * @param bias [outputs]; zeroes if the layer has none
   */
  @SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
  record Correction(double[] weight, double[] bias, double before, double after) {}

  private final int inputs;
  private final int outputs;

  /** Of inputs and errors, in one row. */
  private final RowProducts products;

  private final double[] targetSum;
  private final double[] targetSquares;
  private long rows;

  NormalEquations(int inputs, int outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
    products = new RowProducts(inputs, outputs);
    targetSum = new double[outputs];
    targetSquares = new double[outputs];
  }

  /** Adds what a run returned. */
  void add(ErrorGraph graph, Map<String, HostTensor> results) {
    rows += Objects.requireNonNull(results.get(graph.counted())).longs()[0];
    products.add(floats(results, graph.inputs()), floats(results, graph.errors()));
    float[] targets = floats(results, graph.targets());
    for (int i = 0; i < targets.length; i += outputs) {
      for (int o = 0; o < outputs; o++) {
        double target = targets[i + o];
        targetSum[o] += target;
        targetSquares[o] += target * target;
      }
    }
  }

  private static float[] floats(Map<String, HostTensor> results, String name) {
    return Objects.requireNonNull(results.get(name)).floats();
  }

  private double errorSum(int output) {
    return products.sum(inputs + output);
  }

  private double errorSquares() {
    double sum = 0;
    for (int i = inputs; i < inputs + outputs; i++) {
      sum += products.at(i, i);
    }
    return sum;
  }

  /** Whether all sums are numbers; one of the squares is not if any input of them is not. */
  boolean isFinite() {
    double all = errorSquares();
    for (int i = 0; i < inputs; i++) {
      all += products.at(i, i);
    }
    for (int i = 0; i < outputs; i++) {
      all += targetSquares[i];
    }
    return Double.isFinite(all);
  }

  /** The mean square of an error. */
  double error() {
    return errorSquares() / rows / outputs;
  }

  /** The variance of what an output should be. */
  double variance() {
    double variance = 0;
    for (int i = 0; i < outputs; i++) {
      double mean = targetSum[i] / rows;
      variance += targetSquares[i] / rows - mean * mean;
    }
    return variance / outputs;
  }

  /**
   * {@code ΔW = (C_xx + μI)⁻¹ C_xe} with covariances if the layer has a bias, which then takes what
   * is left in the mean, and with second moments if not. Holding ΔW back, and not W + ΔW, makes the
   * cut itself the limit of a strong ridge, so that the error on these samples can only shrink.
   *
   * @param ridge μ relative to the mean of the diagonal
   */
  Correction solve(double ridge, boolean bias) {
    double[] a = new double[inputs * inputs];
    double[] b = new double[inputs * outputs];
    double trace = 0;
    for (int i = 0; i < inputs; i++) {
      double mean = bias ? products.sum(i) / rows : 0;
      for (int j = 0; j <= i; j++) {
        a[i * inputs + j] = products.at(i, j) / rows - mean * products.sum(j) / rows;
      }
      for (int o = 0; o < outputs; o++) {
        b[i * outputs + o] = products.at(i, inputs + o) / rows - mean * errorSum(o) / rows;
      }
      trace += a[i * inputs + i];
    }
    double before = errorSquares() / rows;
    double[] weight = new double[inputs * outputs];
    double mu = ridge * trace / inputs;
    double after = before;
    if (mu > 0) { // else the inputs never move, and say nothing
      Cholesky factor = factor(a, 0, mu);
      for (double tried = mu; factor == null; tried *= STRONGER) {
        mu = tried * STRONGER;
        factor = factor(a, tried, mu);
      }
      weight = factor.solve(Matrix.of(inputs, outputs, b)).values();
      for (int i = 0; i < weight.length; i++) {
        after -= weight[i] * (b[i] + mu * weight[i]);
      }
    }
    double[] shift = new double[outputs];
    for (int o = 0; bias && o < outputs; o++) {
      double mean = errorSum(o) / rows;
      after -= mean * mean;
      shift[o] = mean;
    }
    for (int i = 0; bias && i < inputs; i++) {
      for (int o = 0; o < outputs; o++) {
        shift[o] -= products.sum(i) / rows * weight[i * outputs + o];
      }
    }
    return new Correction(weight, shift, before / outputs, Math.max(0, after) / outputs);
  }

  /** With {@code to} on the diagonal instead of {@code from}. */
  private @Nullable Cholesky factor(double[] a, double from, double to) {
    for (int i = 0; i < inputs; i++) {
      a[i * inputs + i] += to - from;
    }
    return Cholesky.of(Matrix.of(inputs, inputs, a));
  }
}
