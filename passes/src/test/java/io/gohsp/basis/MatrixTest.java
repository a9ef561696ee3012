package io.gohsp.basis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MatrixTest {
  /** {@code (A^-T)^T A} is the identity. */
  @Property(tries = 100)
  void timesItsInverseIsTheIdentity(
      @ForAll @IntRange(min = 1, max = 12) int size, @ForAll long seed) {
    Random random = new Random(seed);
    Matrix matrix = Matrix.of(size, random.doubles((long) size * size, -1, 1).toArray()).rounded();
    Matrix dual = matrix.inverseTransposed();
    if (dual == null) {
      return; // singular by chance, as one by one zeroes are
    }
    double largest = 1;
    for (double element : dual.elements()) {
      largest = Math.max(largest, Math.abs(element));
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        double sum = 0;
        for (int k = 0; k < size; k++) {
          sum += dual.get(k, i) * matrix.get(k, j);
        }
        assertThat(sum).isCloseTo(i == j ? 1 : 0, within(1e-12 * largest * largest));
      }
    }
  }

  @Test
  void singularMatricesHaveNoInverse() {
    assertThat(Matrix.of(2, 1, 2, 2, 4).inverseTransposed()).isNull();
    assertThat(Matrix.of(1, Double.NaN).inverseTransposed()).isNull();
  }

  @Property(tries = 50)
  void goesThroughText(@ForAll @IntRange(min = 1, max = 9) int size, @ForAll long seed) {
    Matrix matrix =
        Matrix.of(size, new Random(seed).doubles((long) size * size, -3, 3).toArray()).rounded();
    assertThat(Matrix.parse(size, matrix.text())).isEqualTo(matrix);
    assertThat(matrix.transposed().transposed()).isEqualTo(matrix);
  }
}
