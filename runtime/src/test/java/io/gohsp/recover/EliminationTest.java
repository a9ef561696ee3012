package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.linalg.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EliminationTest {
  private static final int OUTPUTS = 3;

  /** Relative; condition numbers are below 100. */
  private static final double ROUNDING = 1e-9;

  /** Of random vectors, so that all inputs have something to do with each other. */
  private static RealMatrix covariance(Random random, int n) {
    RealMatrix factor = new Array2DRowRealMatrix(n, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        factor.setEntry(i, j, random.nextGaussian() / n + (i == j ? 1 : 0));
      }
    }
    return factor.multiply(factor.transpose());
  }

  private static double[] flat(RealMatrix matrix) {
    return IntStream.range(0, matrix.getRowDimension())
        .boxed()
        .flatMapToDouble(
            i ->
                IntStream.range(0, matrix.getColumnDimension())
                    .mapToDouble(j -> matrix.getEntry(i, j)))
        .toArray();
  }

  /**
   * The least error without some inputs, by regression: with kept rows K, W' = H_KK⁻¹ H_K· W, and
   * the error is tr(Wᵀ H W) less what W' explains.
   */
  private static double error(RealMatrix h, RealMatrix w, List<Integer> gone) {
    int[] kept = IntStream.range(0, h.getRowDimension()).filter(i -> !gone.contains(i)).toArray();
    double all = w.transpose().multiply(h).multiply(w).getTrace();
    if (kept.length == 0) {
      return all;
    }
    RealMatrix target = h.multiply(w).getSubMatrix(kept, new int[] {0, 1, 2});
    RealMatrix solved =
        new CholeskyDecomposition(h.getSubMatrix(kept, kept)).getSolver().solve(target);
    return all - target.transpose().multiply(solved).getTrace();
  }

  private static List<Integer> with(List<Integer> gone, int[] rows) {
    List<Integer> all = new ArrayList<>(gone);
    IntStream.of(rows).forEach(all::add);
    return all;
  }

  /**
   * @param lazy rows after which everything is brought up to date: at once, in between, never
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 5", "1, 99", "2, 1", "2, 5", "3, 4", "3, 99"})
  void eachCostsWhatRegressionWithoutItLoses(int size, int lazy) {
    Random random = new Random(size);
    int n = 12;
    RealMatrix h = covariance(random, n);
    RealMatrix w = new Array2DRowRealMatrix(n, OUTPUTS);
    for (int i = 0; i < n; i++) {
      for (int o = 0; o < OUTPUTS; o++) {
        w.setEntry(i, o, random.nextGaussian());
      }
    }
    int[][] groups = new int[n / size][size];
    for (int i = 0; i < n; i++) { // members that do not lie side by side
      groups[i % groups.length][i / groups.length] = i;
    }

    double[] costs =
        Objects.requireNonNull(
            Elimination.costs(
                Matrix.of(n, n, flat(h)), Matrix.of(n, OUTPUTS, flat(w)), groups, lazy));

    List<Integer> gone = new ArrayList<>();
    int[] order =
        IntStream.range(0, groups.length)
            .boxed()
            .sorted((a, b) -> Double.compare(costs[a], costs[b]))
            .mapToInt(i -> i)
            .toArray();
    double highest = 0;
    for (int next : order) {
      double before = error(h, w, gone);
      double cost = error(h, w, with(gone, groups[next])) - before;
      for (int other = 0; other < groups.length; other++) {
        if (!gone.contains(groups[other][0])) {
          assertThat(error(h, w, with(gone, groups[other])) - before)
              .isGreaterThanOrEqualTo(cost * (1 - ROUNDING));
        }
      }
      highest = Math.max(highest, cost);
      assertThat(costs[next]).isCloseTo(highest, within(ROUNDING * highest));
      gone = with(gone, groups[next]);
    }
    assertThat(IntStream.of(order).mapToDouble(i -> costs[i]).distinct()).hasSize(groups.length);
  }

  /** One of two that are alike costs next to nothing, and then the other is worth both. */
  @Test
  void aDuplicateGoesFirst() {
    double mu = 1e-9;
    Matrix h = Matrix.of(3, 3, new double[] {1 + mu, 1, 0, 1, 1 + mu, 0, 0, 0, 1 + mu});
    Matrix w = Matrix.of(3, 1, new double[] {1, 1, 0.5});

    double[] costs = Objects.requireNonNull(Elimination.costs(h, w, new int[][] {{0}, {1}, {2}}));

    assertThat(costs[0]).isCloseTo(0, within(1e-8));
    assertThat(costs[2]).isCloseTo(0.25, within(1e-8));
    assertThat(costs[1]).isCloseTo(4, within(1e-6));
  }

  @Test
  void nothingIsSaidAboutInputsThatNeverMove() {
    Matrix weights = Matrix.of(2, 1, new double[] {1, 2});
    assertThat(Elimination.costs(Matrix.zeros(2, 2), weights, new int[][] {{0}, {1}})).isNull();
  }
}
