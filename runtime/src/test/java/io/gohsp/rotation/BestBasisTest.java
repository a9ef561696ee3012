package io.gohsp.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.gohsp.linalg.Matrix;
import io.gohsp.linalg.Svd;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** METHOD.md section 9 on random numbers. */
class BestBasisTest {
  private static final int D = 6;
  private static final int TOKENS = 400;

  private static Matrix random(int rows, int columns, long seed) {
    Random random = new Random(seed);
    Matrix all = Matrix.zeros(rows, columns);
    for (int i = 0; i < all.values().length; i++) {
      all.values()[i] = random.nextGaussian();
    }
    return all;
  }

  /** Rows that vary more in some directions than in others. */
  private static Matrix tokens(long seed) {
    return random(TOKENS, D, seed).times(random(D, D, seed + 1)).times(random(D, D, seed + 2));
  }

  private static Matrix moments(Matrix x) {
    Matrix all = x.gram().copy();
    for (int i = 0; i < all.values().length; i++) {
      all.values()[i] /= x.rows();
    }
    return all;
  }

  private static Matrix inverseTransposed(Matrix a) {
    double[] inverse =
        Objects.requireNonNull(io.gohsp.basis.Matrix.of(D, a.values()).inverseTransposed())
            .elements();
    return Matrix.of(D, D, inverse);
  }

  private static Matrix firstColumns(Matrix a, int kept) {
    Matrix some = Matrix.zeros(a.rows(), kept);
    for (int row = 0; row < a.rows(); row++) {
      System.arraycopy(a.values(), row * a.columns(), some.values(), row * kept, kept);
    }
    return some;
  }

  private static double squares(Matrix a, Matrix b) {
    double sum = 0;
    for (int i = 0; i < a.values().length; i++) {
      double difference = a.values()[i] - b.values()[i];
      sum += difference * difference;
    }
    return sum;
  }

  /**
   * What is lost is what the singular values say, and no other basis loses less; the ridge costs a
   * thousandth.
   */
  @Test
  void queriesLoseTheSquaredTail() {
    Matrix q = tokens(1);
    Matrix k = tokens(10);
    Matrix basis = Objects.requireNonNull(BestBasis.ofQueries(moments(q), moments(k)));
    Matrix logits = q.timesTransposed(k);
    double[] sigma = Svd.of(logits).values();
    for (int kept = 1; kept <= D; kept++) {
      Matrix cut =
          q.times(firstColumns(basis, kept))
              .timesTransposed(k.times(firstColumns(inverseTransposed(basis), kept)));
      double tail = 0; // Eckart and Young: of all matrices of this rank none is nearer
      for (int i = kept; i < D; i++) {
        tail += sigma[i] * sigma[i];
      }
      assertThat(squares(logits, cut))
          .isCloseTo(tail, within(0.005 * tail + 0.05 * sigma[D - 1] * sigma[D - 1]));
    }
  }

  @Test
  void valuesLoseTheSquaredTail() {
    Matrix z = tokens(20);
    Matrix output = random(D, 9, 30);
    Matrix basis = Objects.requireNonNull(BestBasis.ofValues(moments(z), output));
    Matrix whole = z.times(output);
    double[] sigma = Svd.of(whole).values();
    Matrix inverse = inverseTransposed(basis).transposed();
    int[] columns = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    for (int kept = 1; kept < D; kept++) {
      int[] rows = java.util.stream.IntStream.range(0, kept).toArray();
      Matrix cut =
          z.times(firstColumns(basis, kept)).times(inverse.times(output).part(rows, columns));
      double tail = 0;
      for (int i = kept; i < D; i++) {
        tail += sigma[i] * sigma[i];
      }
      assertThat(squares(whole, cut)).isCloseTo(tail, withinPercentage(0.5));
    }
  }

  @Test
  void nothingThatMovesHasNoBasis() {
    assertThat(BestBasis.ofQueries(Matrix.zeros(D, D), moments(tokens(1)))).isNull();
    assertThat(BestBasis.ofValues(Matrix.zeros(D, D), random(D, 9, 1))).isNull();
  }

  /** Two of six directions that nothing moves in come last, and the basis stays one. */
  @Test
  void whatDoesNotMoveComesLast() {
    Matrix flat = tokens(1);
    for (int token = 0; token < TOKENS; token++) {
      flat.values()[token * D] = 0;
      flat.values()[token * D + 3] = 0;
    }
    Matrix k = tokens(10);
    Matrix basis = Objects.requireNonNull(BestBasis.ofQueries(moments(flat), moments(k)));
    Matrix cut =
        flat.times(firstColumns(basis, 4))
            .timesTransposed(k.times(firstColumns(inverseTransposed(basis), 4)));
    Matrix logits = flat.timesTransposed(k);
    assertThat(squares(logits, cut))
        .isLessThan(1e-5 * squares(logits, Matrix.zeros(TOKENS, TOKENS)));
  }
}
