package io.gohsp.rotation;

import io.gohsp.basis.Matrix;
import io.gohsp.linalg.Cholesky;
import io.gohsp.linalg.SymmetricEigen;
import java.util.Arrays;

/**
 * The basis in which two sides that meet in a product lose least when only its first columns stay;
 * METHOD.md section 9.
 *
 * <p>With independent row vectors x and y of second moments M and N, the product is {@code x yᵀ}.
 * Let {@code M = L Lᵀ} and {@code Lᵀ N L = U Σ² Uᵀ}. Then {@code x' = x L⁻ᵀU} and {@code y' = y LU}
 * give the same product, and of it the first r columns leave out {@code Σ_{i>r} σ_i²} in the mean
 * square, which is the least that any r columns can. For queries and keys M is {@code E[qqᵀ]} and N
 * the covariance of keys; for values and the output projection O, M is {@code E[zzᵀ]} of attended
 * values and N is {@code O Oᵀ}. Lengths of columns are free; the longest element of each is 1.
 *
 * @param matrix {@code L⁻ᵀU}, rounded to what plans hold
 * @param worth {@code σ_i²}, falling: what is lost with each column
 */
@SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
public record PairBasis(Matrix matrix, double[] worth) {
  /**
   * Added to M's diagonal, by its mean: the inverse of the basis stays so small that single
   * precision computes with it what it does without. Columns of less than that are alike.
   */
  private static final double RIDGE = 1e-4;

  /**
   * @param first M, symmetric, not negative but for rounding: the covariance of what is always the
   *     same is a difference of equal numbers
   * @param second N, of the same size
   */
  public static PairBasis of(Matrix first, Matrix second) {
    int size = first.size();
    io.gohsp.linalg.Matrix m = io.gohsp.linalg.Matrix.of(size, size, first.elements());
    double trace = 0;
    for (int i = 0; i < size; i++) {
      trace += first.get(i, i);
    }
    m.plusDiagonal(RIDGE * trace / size);
    Cholesky root = trace > 0 ? Cholesky.of(m) : null;
    if (root == null) { // a side that is nothing, or what rounding leaves of that
      return new PairBasis(Matrix.identity(size), new double[size]);
    }
    io.gohsp.linalg.Matrix lower = root.lower();
    io.gohsp.linalg.Matrix n = io.gohsp.linalg.Matrix.of(size, size, second.elements());
    SymmetricEigen eigen = SymmetricEigen.of(lower.transposedTimes(n.times(lower)));
    double[] basis = root.solveTransposed(eigen.vectors()).values();
    for (int column = 0; column < size; column++) {
      double largest = 0;
      for (int row = 0; row < size; row++) {
        double element = basis[row * size + column];
        largest = Math.abs(element) > Math.abs(largest) ? element : largest;
      }
      for (int row = 0; row < size; row++) {
        basis[row * size + column] /= largest; // its sign too, which libraries choose freely
      }
    }
    double[] worth = Arrays.stream(eigen.values()).map(value -> Math.max(0, value)).toArray();
    return new PairBasis(Matrix.of(size, basis).rounded(), worth);
  }
}
