package io.gohsp.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.basis.Matrix;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PairBasisTest {
  /** Sums of squares of more vectors than columns. */
  private static Matrix moments(int size, Random random) {
    double[] sum = new double[size * size];
    for (int sample = 0; sample < 3 * size; sample++) {
      double[] vector = random.doubles(size, -1, 1).toArray();
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          sum[i * size + j] += vector[i] * vector[j];
        }
      }
    }
    return Matrix.of(size, sum);
  }

  /** {@code E (x P yᵀ)²} with P what columns from {@code first} on contribute: tr(M P N Pᵀ). */
  private static double lost(Matrix m, Matrix n, Matrix basis, int first) {
    Matrix dual = Objects.requireNonNull(basis.inverseTransposed());
    int size = basis.size();
    double sum = 0;
    for (int a = first; a < size; a++) {
      for (int b = first; b < size; b++) {
        sum += form(m, basis, a, b) * form(n, dual, a, b);
      }
    }
    return sum;
  }

  private static double form(Matrix moments, Matrix basis, int a, int b) {
    double sum = 0;
    for (int i = 0; i < basis.size(); i++) {
      for (int j = 0; j < basis.size(); j++) {
        sum += basis.get(i, a) * moments.get(i, j) * basis.get(j, b);
      }
    }
    return sum;
  }

  /**
   * What the first columns leave out is what {@code worth} says, and no other basis leaves less.
   */
  @Property(tries = 50)
  void losesLeast(@ForAll @IntRange(min = 2, max = 8) int size, @ForAll long seed) {
    Random random = new Random(seed);
    Matrix m = moments(size, random);
    Matrix n = moments(size, random);
    PairBasis basis = PairBasis.of(m, n);
    double all = lost(m, n, basis.matrix(), 0);
    Matrix other = Matrix.of(size, random.doubles((long) size * size, -1, 1).toArray());
    for (int kept = 0; kept < size; kept++) {
      double promised = 0;
      for (int i = kept; i < size; i++) {
        promised += basis.worth()[i];
      }
      double lost = lost(m, n, basis.matrix(), kept);
      // The ridge is 1e-4 of the mean, half precision a few thousandths of an element.
      assertThat(lost).isCloseTo(promised, within(0.01 * all));
      assertThat(lost).isLessThan(lost(m, n, Matrix.identity(size), kept) + 0.01 * all);
      if (other.inverseTransposed() != null) {
        assertThat(lost).isLessThan(lost(m, n, other, kept) + 0.01 * all);
      }
    }
  }

  @Test
  void nothingHasNoDirections() {
    Matrix zero = Matrix.of(3, new double[9]);
    PairBasis basis = PairBasis.of(zero, Matrix.identity(3));
    assertThat(basis.matrix()).isEqualTo(Matrix.identity(3));
    assertThat(basis.worth()).containsOnly(0);
    assertThat(PairBasis.of(Matrix.identity(3), zero).matrix().inverseTransposed()).isNotNull();
  }

  /** What rounding leaves of a covariance where nothing varies, as of DETR's first queries. */
  @Test
  void neitherHasWhatRoundingLeaves() {
    Matrix noise = Matrix.of(2, new double[] {2e-16, 3e-16, 3e-16, 1e-16});
    PairBasis basis = PairBasis.of(noise, Matrix.identity(2));
    assertThat(basis.matrix()).isEqualTo(Matrix.identity(2));
    assertThat(basis.worth()).containsOnly(0);
  }
}
