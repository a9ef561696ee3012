package io.gohsp.rotation;

import io.gohsp.linalg.Cholesky;
import io.gohsp.linalg.Matrix;
import io.gohsp.linalg.Svd;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The bases of METHOD.md section 9, for the columns of one head. */
final class BestBasis {
  /**
   * Added to variances, relative to their mean: the inverse of a basis stays so small that half
   * precision, in which plans hold it, is enough. Directions of less variance are alike, and come
   * last.
   */
  private static final double RIDGE = 1e-4;

  /** Sums in single precision may need more, by this at a time. */
  private static final double STRONGER = 10;

  private static final double STRONGEST = 1;

  private BestBasis() {}

  /**
   * The basis A of queries (keys take its inverse transpose), in which cutting after r columns
   * leaves the least mean squared error of the logits over independent queries and keys: with
   * {@code Q = Lq Lqᵀ}, {@code K = Lk Lkᵀ} and {@code Lqᵀ Lk = U Σ Vᵀ} it is {@code Lk V Σ^(-1/2)}.
   *
   * @param queries second moments Q, [d, d]
   * @param keys covariance K, [d, d]; what all keys have alike does not pass the Softmax
   * @return [d, d], the best column first; null if either is zero throughout
   */
  static @Nullable Matrix ofQueries(Matrix queries, Matrix keys) {
    Matrix lq = root(queries);
    Matrix lk = root(keys);
    if (lq == null || lk == null) {
      return null;
    }
    Svd svd = Svd.of(lq.transposedTimes(lk));
    double[] scales = Arrays.stream(svd.values()).map(s -> 1 / Math.sqrt(s)).toArray();
    return scaled(lk.times(svd.vt().transposed()), scales);
  }

  /**
   * The basis A of values (the output projection takes its inverse), in which cutting after r
   * columns leaves the least mean squared error of the head's output: with {@code C = L Lᵀ} and
   * {@code Lᵀ O = U Σ Vᵀ} it is {@code L^(-T) U}, with columns of unit length.
   *
   * @param attended covariance C of what the output projection reads, [d, d]
   * @param output the rows O of the output projection, [d, outputs]
   * @return likewise
   */
  static @Nullable Matrix ofValues(Matrix attended, Matrix output) {
    Cholesky factor = factor(attended);
    if (factor == null) {
      return null;
    }
    Svd svd = Svd.of(factor.lower().transposedTimes(output));
    if (svd.u().columns() < attended.rows()) {
      return null; // fewer outputs than columns: they do not settle a whole basis
    }
    Matrix basis = factor.solveTransposed(svd.u());
    double[] scales = new double[basis.columns()];
    for (int column = 0; column < scales.length; column++) {
      double squares = 0;
      for (int row = 0; row < basis.rows(); row++) {
        squares += basis.at(row, column) * basis.at(row, column);
      }
      scales[column] = 1 / Math.sqrt(squares);
    }
    return scaled(basis, scales);
  }

  private static Matrix scaled(Matrix a, double[] scales) {
    double[] values = a.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] *= scales[i % scales.length];
    }
    return Matrix.of(a.rows(), a.columns(), values);
  }

  private static @Nullable Matrix root(Matrix moments) {
    Cholesky factor = factor(moments);
    return factor == null ? null : factor.lower();
  }

  private static @Nullable Cholesky factor(Matrix moments) {
    double trace = 0;
    for (int i = 0; i < moments.rows(); i++) {
      trace += moments.at(i, i);
    }
    for (double ridge = RIDGE; trace > 0 && ridge < STRONGEST; ridge *= STRONGER) {
      Cholesky factor = Cholesky.of(moments.copy().plusDiagonal(ridge * trace / moments.rows()));
      if (factor != null) {
        return factor;
      }
    }
    return null;
  }
}
