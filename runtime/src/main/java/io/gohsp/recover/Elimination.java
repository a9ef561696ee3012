package io.gohsp.recover;

import io.gohsp.linalg.Cholesky;
import io.gohsp.linalg.Matrix;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The order in which the inputs of a linear layer go if each time the one goes that the others can
 * replace best: Optimal Brain Surgeon (Hassibi and Stork, 1993) on groups of inputs. With {@code H
 * = C_xx + μI}, {@code P = H⁻¹}, {@code S = WWᵀ} and rows R of W, making R zero costs {@code
 * tr((P_RR)⁻¹ S_RR)} of squared error once all other rows have changed by {@code −P_·R (P_RR)⁻¹
 * W_R}; then P loses R.
 *
 * <p>So W itself is never needed, and with {@code L = P_·R (P_RR)⁻¹}, {@code U} with {@code UUᵀ = L
 * P_R·} and {@code B = S_·R − L S_RR / 2} a removal takes {@code UUᵀ} from P and {@code LBᵀ + BLᵀ}
 * from S. These updates are collected: what decides about the next removal, the blocks of P and S
 * on their diagonals, is always up to date, the rest is brought up to date for the rows that go,
 * and as a whole every {@link #LAZY} rows, when what went is left out as well. All choices are
 * those of removing one after the other; n inputs take about n³ operations, nearly all in matrix
 * products.
 */
final class Elimination {
  /** Rows removed before everything is brought up to date. */
  private static final int LAZY = 64;

  private final int[][] groups;
  private final int lazy;

  /** Groups that have not gone, and where the rows of each begin in P and S. */
  private int[] left;

  private int[] starts;

  private Matrix p;
  private Matrix s;

  /** By group the up to date blocks of P and S. */
  private final Matrix[] ownP;

  private final Matrix[] ownS;

  // Updates that P and S have not seen yet, row by row.
  private int pending;
  private final double[] u;
  private final double[] l;
  private final double[] b;

  private Elimination(Matrix inverse, Matrix squares, int[][] groups, int lazy) {
    this.groups = groups;
    this.lazy = lazy;
    int[] order = Arrays.stream(groups).flatMapToInt(Arrays::stream).toArray();
    p = inverse.part(order, order);
    s = squares.part(order, order);
    left = IntStream.range(0, groups.length).toArray();
    starts = starts(left);
    ownP = new Matrix[groups.length];
    ownS = new Matrix[groups.length];
    for (int i = 0; i < left.length; i++) {
      int[] rows = IntStream.range(starts[i], starts[i + 1]).toArray();
      ownP[i] = p.part(rows, rows);
      ownS[i] = s.part(rows, rows);
    }
    int most = lazy + Arrays.stream(groups).mapToInt(group -> group.length).max().orElse(0);
    u = new double[most * p.columns()];
    l = new double[most * p.columns()];
    b = new double[most * p.columns()];
  }

  /**
   * What each group costs when its turn comes.
   *
   * @param covariance [n, n] of the inputs, symmetric, with μ on its diagonal
   * @param weights [n, outputs]
   * @param groups disjoint rows; rows in none of them never go
   * @return squared error of all outputs together, rising in the order in which groups go; null if
   *     rounding leaves the covariance not positive definite; a stronger ridge helps
   */
  static double @Nullable [] costs(Matrix covariance, Matrix weights, int[][] groups) {
    return costs(covariance, weights, groups, LAZY);
  }

  static double @Nullable [] costs(Matrix covariance, Matrix weights, int[][] groups, int lazy) {
    Cholesky factor = Cholesky.of(covariance);
    if (factor == null) {
      return null;
    }
    Matrix squares = weights.transposed().gram();
    return new Elimination(factor.inverse(), squares, groups, lazy).costs();
  }

  private double @Nullable [] costs() {
    double[] costs = new double[groups.length];
    boolean[] gone = new boolean[groups.length];
    double highest = 0;
    for (int round = 0; round < groups.length; round++) {
      int next = -1;
      double least = 0;
      for (int at = 0; at < left.length; at++) {
        double cost = gone[left[at]] ? 0 : cost(left[at]);
        if (Double.isNaN(cost)) {
          return null; // positive definite at first, but not to the end
        }
        if (!gone[left[at]] && (next < 0 || cost < least)) {
          next = at;
          least = cost;
        }
      }
      int group = left[next];
      // What goes later is worth more, even where others made it cheaper by going.
      highest = round == 0 ? least : Math.max(Math.nextUp(highest), least);
      costs[group] = highest;
      gone[group] = true;
      remove(next, gone);
      if (pending >= lazy) {
        bringUpToDate(gone);
      }
    }
    return costs;
  }

  /** NaN if the rest of the covariance lost its rank to rounding. */
  private double cost(int group) {
    if (groups[group].length == 1) {
      double pivot = ownP[group].at(0, 0);
      return pivot > 0 ? Math.max(0, ownS[group].at(0, 0)) / pivot : Double.NaN;
    }
    Cholesky factor = Cholesky.of(ownP[group]);
    if (factor == null) {
      return Double.NaN;
    }
    Matrix spread = factor.solve(ownS[group]);
    return Math.max(0, IntStream.range(0, spread.rows()).mapToDouble(i -> spread.at(i, i)).sum());
  }

  private void remove(int at, boolean[] gone) {
    int from = pending;
    int start = starts[at];
    int size = starts[at + 1] - start;
    int n = p.columns();
    for (int row = start; row < start + size; row++) {
      int to = pending++ * n;
      System.arraycopy(p.values(), row * n, u, to, n);
      System.arraycopy(s.values(), row * n, b, to, n);
      for (int k = 0; k < from; k++) {
        addRow(u, k * n, u, to, n, -u[k * n + row]);
        addRow(l, k * n, b, to, n, -b[k * n + row]);
        addRow(b, k * n, b, to, n, -l[k * n + row]);
      }
    }
    spread(from, size, left[at]);
    for (int i = 0; i < left.length; i++) {
      if (!gone[left[i]]) {
        updateOwn(i, from, n);
      }
    }
  }

  /** Rows of P become those of U and L, rows of S those of B. */
  private void spread(int from, int size, int group) {
    int n = p.columns();
    Matrix within = ownS[group];
    if (size == 1) {
      double pivot = ownP[group].at(0, 0);
      double root = Math.sqrt(pivot);
      for (int j = from * n; j < from * n + n; j++) {
        l[j] = u[j] / pivot;
        u[j] /= root;
        b[j] -= within.at(0, 0) / 2 * l[j];
      }
      return;
    }
    Cholesky factor = Objects.requireNonNull(Cholesky.of(ownP[group]));
    Matrix rows = Matrix.of(size, n, Arrays.copyOfRange(u, from * n, (from + size) * n));
    Matrix half = factor.solveLower(rows);
    Matrix lost = factor.solveTransposed(half);
    System.arraycopy(half.values(), 0, u, from * n, size * n);
    System.arraycopy(lost.values(), 0, l, from * n, size * n);
    double[] own = within.times(lost).values();
    for (int i = 0; i < own.length; i++) {
      b[from * n + i] -= own[i] / 2;
    }
  }

  private void updateOwn(int at, int from, int n) {
    double[] mineP = ownP[left[at]].values();
    double[] mineS = ownS[left[at]].values();
    int start = starts[at];
    int size = starts[at + 1] - start;
    for (int k = from; k < pending; k++) {
      int row = k * n + start;
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          mineP[i * size + j] -= u[row + i] * u[row + j];
          mineS[i * size + j] -= l[row + i] * b[row + j] + b[row + i] * l[row + j];
        }
      }
    }
  }

  private void bringUpToDate(boolean[] gone) {
    int n = p.columns();
    p.plusGram(-1, pending(u, n));
    s.plusMixedGram(-1, pending(l, n), pending(b, n));
    int[] rows =
        IntStream.range(0, left.length)
            .filter(at -> !gone[left[at]])
            .flatMap(at -> IntStream.range(starts[at], starts[at + 1]))
            .toArray();
    left = Arrays.stream(left).filter(group -> !gone[group]).toArray();
    starts = starts(left);
    p = p.part(rows, rows);
    s = s.part(rows, rows);
    pending = 0;
  }

  private Matrix pending(double[] rows, int n) {
    return Matrix.of(pending, n, Arrays.copyOf(rows, pending * n));
  }

  private int[] starts(int[] some) {
    int[] first = new int[some.length + 1];
    for (int i = 0; i < some.length; i++) {
      first[i + 1] = first[i] + groups[some[i]].length;
    }
    return first;
  }

  private static void addRow(
      double[] from, int at, double[] to, int start, int length, double factor) {
    for (int j = 0; j < length; j++) {
      to[start + j] += factor * from[at + j];
    }
  }
}
