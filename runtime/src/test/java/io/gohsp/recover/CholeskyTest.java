package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CholeskyTest {
  /** Condition numbers of at most 100: fourteen of the sixteen digits are left. */
  private static final double ROUNDING = 1e-12;

  /** Sizes around the width of a panel. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 47, 48, 49, 97, 150})
  void solvesWhatWasMultiplied(int n) {
    Random random = new Random(n);
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        a[i * n + j] = i == j ? n + 1 : random.nextDouble() - 0.5;
      }
    }
    int columns = 3;
    double[] x = random.doubles((long) n * columns, -1, 1).toArray();
    double[] b = new double[n * columns];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int c = 0; c < columns; c++) {
          b[i * columns + c] += a[Math.min(i, j) * n + Math.max(i, j)] * x[j * columns + c];
        }
      }
    }
    double[] solved = Objects.requireNonNull(Cholesky.of(a, n)).solve(b, columns);
    assertThat(solved).containsExactly(x, within(ROUNDING));
  }

  /** An eigenvalue that is not positive, at the start and behind the first panel. */
  @ParameterizedTest
  @ValueSource(ints = {0, 60})
  void refusesWhatIsNotPositiveDefinite(int where) {
    int n = 61;
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      a[i * n + i] = i == where ? -1 : 1;
    }
    assertThat(Cholesky.of(a, n)).isNull();
  }
}
