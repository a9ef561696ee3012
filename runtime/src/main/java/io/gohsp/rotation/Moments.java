package io.gohsp.rotation;

import io.gohsp.basis.MomentGraph;
import io.gohsp.linalg.Matrix;
import io.gohsp.ort.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Sums over samples of one operand of the product of queries and keys, for every row of heads. */
final class Moments {
  private final MomentGraph.Sums names;
  private final int rows;
  private final int columns;
  private final double[] gram;
  private final double[] sum;
  private long elements;

  Moments(MomentGraph.Sums names, int rows, int columns) {
    this.names = names;
    this.rows = rows;
    this.columns = columns;
    gram = new double[rows * columns * columns];
    sum = new double[rows * columns];
  }

  void add(Map<String, HostTensor> results) {
    add(results, names.gram(), gram);
    add(results, names.sum(), sum);
    elements += Objects.requireNonNull(results.get(names.elements())).longs()[0];
  }

  private static void add(Map<String, HostTensor> results, String name, double[] to) {
    float[] values = Objects.requireNonNull(results.get(name)).floats();
    for (int i = 0; i < to.length; i++) {
      to[i] += values[i];
    }
  }

  /**
   * One matrix [columns, columns] for each row.
   *
   * @param central whether the mean is taken off
   */
  List<Matrix> matrices(boolean central) {
    double tokens = (double) elements / (rows * columns);
    List<Matrix> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      double[] moments = new double[columns * columns];
      int from = row * columns * columns;
      for (int i = 0; i < columns; i++) {
        double mean = central ? sum[row * columns + i] / tokens : 0;
        for (int j = 0; j < columns; j++) {
          // Rounding need not be symmetric.
          double both = gram[from + i * columns + j] + gram[from + j * columns + i];
          moments[i * columns + j] = both / 2 / tokens - mean * sum[row * columns + j] / tokens;
        }
      }
      all.add(Matrix.of(columns, columns, moments));
    }
    return all;
  }
}
