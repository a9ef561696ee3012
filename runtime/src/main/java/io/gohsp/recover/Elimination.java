package io.gohsp.recover;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The order in which the inputs of a linear layer go if each time the one goes that the others can
 * replace best: Optimal Brain Surgeon (Hassibi and Stork, 1993) on groups of inputs. With {@code H
 * = C_xx + μI}, {@code P = H⁻¹} and rows R of W, making R zero costs {@code tr(W_Rᵀ (P_RR)⁻¹ W_R)}
 * of squared error once all other rows have changed by {@code −P_·R (P_RR)⁻¹ W_R}; then P loses R.
 */
final class Elimination {
  private final int n;
  private final int outputs;
  private final double[] inverse;
  private final double[] weights;

  /**
   * @param covariance [n, n]
   * @param weights [n, outputs]
   */
  private Elimination(Cholesky covariance, int n, double[] weights, int outputs) {
    this.n = n;
    this.outputs = outputs;
    this.weights = weights.clone();
    double[] identity = new double[n * n];
    for (int i = 0; i < n; i++) {
      identity[i * n + i] = 1;
    }
    this.inverse = covariance.solve(identity, n);
  }

  /**
   * What each group costs when its turn comes.
   *
   * @param covariance [n, n] of the inputs, symmetric, with μ on its diagonal
   * @param weights [n, outputs], row by row
   * @param groups disjoint rows
   * @return squared error of all outputs together, rising in the order in which groups go; null if
   *     rounding leaves the covariance not positive definite; a stronger ridge helps
   */
  static double @Nullable [] costs(
      double[] covariance, int n, double[] weights, int outputs, int[][] groups) {
    Cholesky factor = Cholesky.of(covariance, n);
    try {
      return factor == null ? null : new Elimination(factor, n, weights, outputs).costs(groups);
    } catch (ArithmeticException e) { // positive definite at first, but not to the end
      return null;
    }
  }

  private double[] costs(int[][] groups) {
    double[] costs = new double[groups.length];
    boolean[] gone = new boolean[groups.length];
    double highest = 0;
    for (int round = 0; round < groups.length; round++) {
      int next = -1;
      double least = 0;
      for (int group = 0; group < groups.length; group++) {
        double cost = gone[group] ? 0 : cost(groups[group]);
        if (!gone[group] && (next < 0 || cost < least)) {
          next = group;
          least = cost;
        }
      }
      // What goes later is worth more, even where others made it cheaper by going.
      highest = round == 0 ? least : Math.max(Math.nextUp(highest), least);
      costs[next] = highest;
      gone[next] = true;
      remove(groups[next]);
    }
    return costs;
  }

  private double cost(int[] rows) {
    double[] mine = rowsOf(rows);
    double[] spread = within(rows).solve(mine, outputs);
    double cost = 0;
    for (int i = 0; i < mine.length; i++) {
      cost += mine[i] * spread[i];
    }
    return cost;
  }

  private void remove(int[] rows) {
    double[] mine = rowsOf(rows);
    Cholesky within = within(rows);
    double[] change = within.solve(mine, outputs);
    double[] across = new double[rows.length * n];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(inverse, rows[r] * n, across, r * n, n);
    }
    double[] lost = within.solve(across, n);
    for (int r = 0; r < rows.length; r++) {
      for (int i = 0; i < n; i++) {
        double link = across[r * n + i];
        if (link != 0) { // those that went before
          addRow(change, r * outputs, weights, i * outputs, outputs, -link);
          addRow(lost, r * n, inverse, i * n, n, -link);
        }
      }
    }
    for (int row : rows) {
      Arrays.fill(inverse, row * n, row * n + n, 0);
      Arrays.fill(weights, row * outputs, row * outputs + outputs, 0);
      for (int i = 0; i < n; i++) {
        inverse[i * n + row] = 0;
      }
    }
  }

  private static void addRow(
      double[] from, int at, double[] to, int start, int length, double factor) {
    for (int j = 0; j < length; j++) {
      to[start + j] += factor * from[at + j];
    }
  }

  private double[] rowsOf(int[] rows) {
    double[] mine = new double[rows.length * outputs];
    for (int r = 0; r < rows.length; r++) {
      System.arraycopy(weights, rows[r] * outputs, mine, r * outputs, outputs);
    }
    return mine;
  }

  /** P_RR. */
  private Cholesky within(int[] rows) {
    int size = rows.length;
    double[] block = new double[size * size];
    for (int r = 0; r < size; r++) {
      for (int c = 0; c < size; c++) {
        block[r * size + c] = inverse[rows[r] * n + rows[c]];
      }
    }
    Cholesky factor = Cholesky.of(block, size);
    if (factor == null) {
      throw new ArithmeticException("the inverse covariance lost its rank to rounding");
    }
    return factor;
  }
}
