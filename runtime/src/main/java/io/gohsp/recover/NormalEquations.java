package io.gohsp.recover;

import io.gohsp.linalg.Matrix;
import io.gohsp.linalg.RowProducts;
import io.gohsp.linear.ErrorGraph;
import io.gohsp.ort.HostTensor;
import io.gohsp.recover.Regression.Change;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Sums over the tokens that count, which say which change of a layer, {@code ΔW} [inputs, outputs]
 * and {@code Δb} [outputs], brings {@code x ΔW + Δb} nearest to the errors e, each token counting
 * as much as {@link ErrorGraph#weights} says. In double precision, in the order of the samples;
 * those of every other run apart, so that a change can be tried on samples that it does not come
 * from.
 */
final class NormalEquations {
  /** A stronger ridge that helps no more than that is not worth its factorisation. */
  private static final double WORTH = 1e-3;

  /**
   * A change of a layer and what it does to the mean squared error of an output.
   *
   * @param weight [inputs, outputs] row by row
   * @param bias [outputs]; zeroes if the layer has none
   */
  @SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
  record Correction(double[] weight, double[] bias, double before, double after) {
    /** Weight and bias for another process. */
    byte[] bytes() {
      ByteBuffer bytes =
          ByteBuffer.allocate(Integer.BYTES + Double.BYTES * (weight.length + bias.length));
      bytes.putInt(weight.length).asDoubleBuffer().put(weight).put(bias);
      return bytes.array();
    }

    /** What {@link #bytes} say. */
    static Correction of(byte[] bytes) {
      ByteBuffer from = ByteBuffer.wrap(bytes);
      double[] weight = new double[from.getInt()];
      DoubleBuffer numbers = from.asDoubleBuffer().get(weight);
      double[] bias = new double[numbers.remaining()];
      numbers.get(bias);
      return new Correction(weight, bias, Double.NaN, Double.NaN);
    }
  }

  /** Of some runs. */
  private static final class Sums {
    /** Of inputs, errors and weights, in one row. */
    private final RowProducts products;

    private final int weights;

    Sums(int inputs, int outputs) {
      products = new RowProducts(inputs, outputs, 1);
      weights = inputs + outputs;
    }

    /** What all tokens count together. */
    double rows() {
      return products.at(weights, weights);
    }

    /** Of a place of a row, as often as each token counts. */
    double sum(int i) {
      return products.at(i, weights);
    }
  }

  private final int inputs;
  private final int outputs;
  private final List<Sums> halves;
  private final double[] targetSum;
  private final double[] targetSquares;
  private int runs;

  NormalEquations(int inputs, int outputs) {
    this(inputs, outputs, 0);
  }

  /**
   * Of a part of the runs.
   *
   * @param first how many there are before it
   */
  NormalEquations(int inputs, int outputs, int first) {
    this.runs = first;
    this.inputs = inputs;
    this.outputs = outputs;
    halves = List.of(new Sums(inputs, outputs), new Sums(inputs, outputs));
    targetSum = new double[outputs];
    targetSquares = new double[outputs];
  }

  /** Adds what a run returned. */
  void add(ErrorGraph graph, Map<String, HostTensor> results) {
    Sums half = halves.get(runs++ % halves.size());
    float[] weights = floats(results, graph.weights());
    half.products.add(floats(results, graph.inputs()), floats(results, graph.errors()), weights);
    float[] targets = floats(results, graph.targets());
    for (int i = 0; i < targets.length; i += outputs) {
      double weight = weights[i / outputs];
      for (int o = 0; o < outputs; o++) {
        double target = targets[i + o];
        targetSum[o] += weight * target;
        targetSquares[o] += target * target;
      }
    }
  }

  /** All sums, for another process. */
  List<double[]> sums() {
    List<double[]> sums = new ArrayList<>();
    halves.forEach(half -> sums.add(half.products.lower()));
    sums.add(targetSum.clone());
    sums.add(targetSquares.clone());
    return sums;
  }

  /** Adds the {@link #sums} of other runs. */
  void add(List<double[]> sums) {
    for (int i = 0; i < halves.size(); i++) {
      halves.get(i).products.add(sums.get(i));
    }
    for (int o = 0; o < outputs; o++) {
      targetSum[o] += sums.get(halves.size())[o];
      targetSquares[o] += sums.get(halves.size() + 1)[o];
    }
  }

  private static float[] floats(Map<String, HostTensor> results, String name) {
    return Objects.requireNonNull(results.get(name)).floats();
  }

  private static double rows(List<Sums> some) {
    return some.stream().mapToDouble(Sums::rows).sum();
  }

  /** The sum of the squares of a place of a row. */
  private double squares(int i) {
    double sum = 0;
    for (Sums half : halves) {
      sum += half.products.at(i, i);
    }
    return sum;
  }

  /** The means of the products of a place of a row with those up to it. */
  private static double[] means(List<Sums> some, double rows, int i) {
    double[] means = new double[i + 1];
    for (Sums half : some) {
      double[] products = half.products.row(i);
      for (int j = 0; j <= i; j++) {
        means[j] += products[j];
      }
    }
    for (int j = 0; j <= i; j++) {
      means[j] /= rows;
    }
    return means;
  }

  private double errorSquares() {
    return IntStream.range(inputs, inputs + outputs).mapToDouble(this::squares).sum();
  }

  /** Whether all sums are numbers; one of the squares is not if any input of them is not. */
  boolean isFinite() {
    double all = errorSquares() + Arrays.stream(targetSquares).sum();
    for (int i = 0; i < inputs; i++) {
      all += squares(i);
    }
    return Double.isFinite(all);
  }

  /** The mean square of an error. */
  double error() {
    return errorSquares() / rows(halves) / outputs;
  }

  /** The variance of what an output should be. */
  double variance() {
    double rows = rows(halves);
    double variance = 0;
    for (int i = 0; i < outputs; i++) {
      double mean = targetSum[i] / rows;
      variance += targetSquares[i] / rows - mean * mean;
    }
    return variance / outputs;
  }

  private Regression regression(List<Sums> some, boolean bias) {
    double rows = rows(some);
    double[] mean = new double[inputs + outputs];
    for (int i = 0; bias && i < mean.length; i++) {
      for (Sums half : some) {
        mean[i] += half.sum(i) / rows;
      }
    }
    Matrix a = Matrix.zeros(inputs, inputs);
    Matrix b = Matrix.zeros(inputs, outputs);
    double[] squares = new double[outputs];
    for (int i = 0; i < inputs; i++) {
      double[] products = means(some, rows, i);
      for (int j = 0; j <= i; j++) {
        double element = products[j] - mean[i] * mean[j];
        a.values()[i * inputs + j] = element;
        a.values()[j * inputs + i] = element;
      }
    }
    for (int o = 0; o < outputs; o++) {
      double[] products = means(some, rows, inputs + o);
      for (int i = 0; i < inputs; i++) {
        b.values()[i * outputs + o] = products[i] - mean[i] * mean[inputs + o];
      }
      squares[o] = products[inputs + o];
    }
    return new Regression(
        a, b, Arrays.copyOf(mean, inputs), Arrays.copyOfRange(mean, inputs, mean.length), squares);
  }

  /**
   * The change that {@link RecoverySettings} ask for. Outputs are regressions of their own on the
   * same inputs, so each may have its own ridge, or be left alone: what leaves least of its error
   * on either half of the samples when it comes from the other half.
   *
   * @param bias whether the layer has one
   */
  Correction solve(RecoverySettings settings, boolean bias) {
    List<Double> ridges = settings.ridges();
    Regression all = regression(halves, bias);
    int[] chosen = new int[outputs];
    if (ridges.size() > 1 && halves.stream().allMatch(half -> half.rows() > 0)) {
      chosen = chosen(ridges, bias);
    }
    Change change = new Change(Matrix.zeros(inputs, outputs), new double[outputs]);
    for (int ridge = 0; ridge < ridges.size(); ridge++) {
      int[] own = places(chosen, ridge);
      if (own.length > 0) {
        take(all.of(own).solve(ridges.get(ridge)), own, change);
      }
    }
    double before = Arrays.stream(all.errorSquares()).sum();
    double after = Arrays.stream(all.left(change)).sum();
    return new Correction(
        change.weight().values(), change.bias(), before / outputs, after / outputs);
  }

  /** By output the place of its ridge; -1 to leave it alone. */
  private int[] chosen(List<Double> ridges, boolean bias) {
    List<Regression> parts = halves.stream().map(half -> regression(List.of(half), bias)).toList();
    int[] chosen = new int[outputs];
    double[] least = new double[outputs];
    Arrays.setAll(least, o -> parts.stream().mapToDouble(part -> part.errorSquares()[o]).sum());
    Arrays.fill(chosen, -1);
    double before = Double.POSITIVE_INFINITY;
    for (int ridge = 0; ridge < ridges.size(); ridge++) {
      double all = 0;
      double[] one = parts.get(1).left(parts.get(0).solve(ridges.get(ridge)));
      double[] other = parts.get(0).left(parts.get(1).solve(ridges.get(ridge)));
      for (int o = 0; o < outputs; o++) {
        double left = one[o] + other[o];
        all += left;
        if (left < least[o]) {
          least[o] = left;
          chosen[o] = ridge;
        }
      }
      if (all > (1 - WORTH) * before) {
        break;
      }
      before = all;
    }
    return chosen;
  }

  private static int[] places(int[] chosen, int ridge) {
    return IntStream.range(0, chosen.length).filter(o -> chosen[o] == ridge).toArray();
  }

  private void take(Change part, int[] at, Change whole) {
    for (int k = 0; k < at.length; k++) {
      whole.bias()[at[k]] = part.bias()[k];
      for (int i = 0; i < inputs; i++) {
        whole.weight().values()[i * outputs + at[k]] = part.weight().at(i, k);
      }
    }
  }
}
