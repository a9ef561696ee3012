package io.gohsp.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against sums written out. */
class LinearAlgebraTest {
  /** Condition numbers of at most 1000, some hundred terms: twelve of the sixteen digits. */
  private static final Offset<Double> ROUNDING = within(1e-11);

  /** Of sums of 512 products in single precision: √512 times half a unit in the last place. */
  private static final double SINGLE = 1.4e-6;

  @AfterEach
  void allThreads() {
    OpenBlas.useThreads(0);
  }

  private static Matrix random(int rows, int columns, long seed) {
    return Matrix.of(
        rows, columns, new Random(seed).doubles((long) rows * columns, -1, 1).toArray());
  }

  private static Matrix definite(int n, long seed) {
    return random(n + 5, n, seed).gram().plusDiagonal(1);
  }

  private static Matrix naive(Matrix a, Matrix b) {
    Matrix c = Matrix.zeros(a.rows(), b.columns());
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < b.columns(); j++) {
        for (int k = 0; k < a.columns(); k++) {
          c.values()[i * b.columns() + j] += a.at(i, k) * b.at(k, j);
        }
      }
    }
    return c;
  }

  private static Matrix diagonal(double[] values) {
    Matrix all = Matrix.zeros(values.length, values.length);
    for (int i = 0; i < values.length; i++) {
      all.values()[i * values.length + i] = values[i];
    }
    return all;
  }

  private static void assertClose(Matrix actual, Matrix expected) {
    assertThat(actual.rows()).isEqualTo(expected.rows());
    assertThat(actual.columns()).isEqualTo(expected.columns());
    assertThat(actual.values()).containsExactly(expected.values(), ROUNDING);
  }

  /** However rows come, in one part or two, fewer or more than are multiplied at once. */
  @Test
  void addsUpProductsOfRows() {
    RowProducts products = new RowProducts(3, 2);
    Matrix all = random(600, 5, 4); // of numbers that FLOAT holds, below
    for (int from = 0; from < 600; from += 100) {
      float[] left = new float[300];
      float[] right = new float[200];
      for (int i = 0; i < 500; i++) {
        float number = (float) all.values()[from * 5 + i];
        all.values()[from * 5 + i] = number;
        (i % 5 < 3 ? left : right)[i % 5 < 3 ? i / 5 * 3 + i % 5 : i / 5 * 2 + i % 5 - 3] = number;
      }
      products.add(left, right);
    }
    Matrix gram = naive(all.transposed(), all);
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 5; j++) {
        double most = Math.sqrt(gram.at(i, i) * gram.at(j, j));
        assertThat(products.at(i, j)).isEqualTo(gram.at(i, j), within(SINGLE * most));
        assertThat(products.row(i)[Math.min(i, j)]).isEqualTo(products.at(i, Math.min(i, j)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "3, 5, 2", "70, 33, 41", "5, 0, 4", "0, 3, 2"})
  void multiplies(int m, int inner, int n) {
    Matrix a = random(m, inner, 1);
    Matrix b = random(inner, n, 2);
    assertClose(a.times(b), naive(a, b));
    assertClose(a.transposed().transposedTimes(b), naive(a, b));
    assertClose(a.timesTransposed(b.transposed()), naive(a, b));
    assertClose(a.gram(), naive(a.transposed(), a));
    Matrix other = random(m, inner, 3);
    Matrix mixed = naive(a.transposed(), other);
    Matrix twice = mixed.copy();
    for (int i = 0; i < inner; i++) {
      for (int j = 0; j < inner; j++) {
        twice.values()[i * inner + j] = -2 * (mixed.at(i, j) + mixed.at(j, i));
      }
    }
    assertClose(Matrix.zeros(inner, inner).plusMixedGram(-2, a, other), twice);
  }

  /** OpenBLAS gets the memory of the call before. */
  @Test
  void whatWasComputedBeforeDoesNotMatter() {
    Matrix a = definite(40, 40);
    Matrix b = random(40, 30, 2);
    List<double[]> first = everything(a, b);
    Matrix noNumbers = Matrix.zeros(50, 50);
    Arrays.fill(noNumbers.values(), Double.NaN);
    noNumbers.plusMixedGram(1, noNumbers, noNumbers.times(noNumbers));
    List<double[]> second = everything(a, b);
    for (int i = 0; i < first.size(); i++) {
      assertThat(second.get(i)).isEqualTo(first.get(i));
    }
  }

  private static List<double[]> everything(Matrix a, Matrix b) {
    Cholesky factor = Objects.requireNonNull(Cholesky.of(a));
    SymmetricEigen eigen = SymmetricEigen.of(a);
    Svd svd = Svd.of(b);
    RowProducts products = new RowProducts(b.columns());
    float[] rows = new float[b.values().length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) b.values()[i];
    }
    products.add(rows);
    return List.of(
        products.lower(),
        a.times(b).values(),
        b.gram().values(),
        a.copy().plusMixedGram(1, a, a).values(),
        factor.lower().values(),
        factor.solve(b).values(),
        factor.solveLower(b).values(),
        factor.solveTransposed(b).values(),
        factor.inverse().values(),
        eigen.values(),
        eigen.vectors().values(),
        svd.u().values(),
        svd.values(),
        svd.vt().values());
  }

  @Test
  void refusesProductsThatDoNotFit() {
    Matrix a = random(2, 3, 1);
    assertThatThrownBy(() -> a.times(a)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> a.plusGram(1, a)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Matrix.of(2, 2, new double[3]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void takesPartsInTheOrderGiven() {
    Matrix a = Matrix.of(2, 3, new double[] {1, 2, 3, 4, 5, 6});
    assertThat(a.part(new int[] {1, 0}, new int[] {2, 0}).values()).containsExactly(6, 4, 3, 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 47, 150})
  void solvesAndInverts(int n) {
    Matrix a = definite(n, n);
    Matrix x = random(n, 3, 2);
    Cholesky factor = Objects.requireNonNull(Cholesky.of(a));
    Matrix lower = factor.lower();
    assertClose(naive(lower, lower.transposed()), a);
    assertClose(factor.solve(naive(a, x)), x);
    assertClose(factor.solveLower(naive(lower, x)), x);
    assertClose(factor.solveTransposed(naive(lower.transposed(), x)), x);
    assertClose(naive(factor.inverse(), a), Matrix.identity(n));
    assertThat(factor.inverse().transposed().values()).isEqualTo(factor.inverse().values());
  }

  /** An eigenvalue that is not positive, at the start and far behind. */
  @ParameterizedTest
  @ValueSource(ints = {0, 60})
  void refusesWhatIsNotPositiveDefinite(int where) {
    Matrix a = Matrix.identity(61);
    a.values()[where * 61 + where] = -1;
    assertThat(Cholesky.of(a)).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 50, 90})
  void findsEigenvalues(int n) {
    Matrix a = definite(n, n);
    SymmetricEigen eigen = SymmetricEigen.of(a);
    Matrix v = eigen.vectors();
    assertThat(eigen.values()).isSortedAccordingTo((x, y) -> Double.compare(y, x));
    assertClose(naive(naive(v, diagonal(eigen.values())), v.transposed()), a);
    assertClose(naive(v.transposed(), v), Matrix.identity(n));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "4, 4", "60, 20", "20, 60"})
  void findsSingularValues(int m, int n) {
    Matrix a = random(m, n, 7);
    Svd svd = Svd.of(a);
    int k = Math.min(m, n);
    assertThat(svd.values()).hasSize(k).isSortedAccordingTo((x, y) -> Double.compare(y, x));
    assertClose(naive(naive(svd.u(), diagonal(svd.values())), svd.vt()), a);
    assertClose(naive(svd.u().transposed(), svd.u()), Matrix.identity(k));
    assertClose(naive(svd.vt(), svd.vt().transposed()), Matrix.identity(k));
  }

  /** Large enough that OpenBLAS does take the threads. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void twoRunsGiveTheSameBytes(int threads) {
    OpenBlas.useThreads(threads);
    Matrix a = random(330, 300, 1);
    Supplier<double[][]> all =
        () -> {
          Matrix gram = a.gram().plusDiagonal(1);
          Cholesky factor = Objects.requireNonNull(Cholesky.of(gram));
          return new double[][] {
            gram.values(),
            factor.inverse().values(),
            factor.solve(random(300, 70, 2)).values(),
            SymmetricEigen.of(gram).vectors().values(),
            Svd.of(a).u().values(),
            a.times(gram).values()
          };
        };
    double[][] once = all.get();
    OpenBlas.useThreads(4 - threads); // what ran in between does not matter
    a.gram();
    OpenBlas.useThreads(threads);
    assertThat(all.get()).isDeepEqualTo(once);
  }
}
