package io.gohsp.linalg;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasLeft;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;

/** The factor L of a symmetric positive definite A = LLᵀ. */
public final class Cholesky {
  // Row by row what is below the diagonal is column by column above it, so nothing is turned.
  static final byte UPPER = 'U';

  private final Matrix lower;

  private Cholesky(Matrix lower) {
    this.lower = lower;
  }

  /**
   * @param a square; only its lower triangle is read; not changed
   * @return null if the matrix is not positive definite in double precision
   */
  public static @Nullable Cholesky of(Matrix a) {
    int n = a.rows();
    Matrix lower = a.copy();
    AtomicInteger info = new AtomicInteger();
    OpenBlas.run(
        Math.pow(n, 3) / 3,
        () ->
            info.set(
                openblas.LAPACKE_dpotrf(openblas.LAPACK_COL_MAJOR, UPPER, n, lower.values(), n)));
    return info.get() == 0 ? new Cholesky(lower) : null;
  }

  /** L, with zeroes above its diagonal. */
  public Matrix lower() {
    int n = lower.rows();
    Matrix clean = lower.copy();
    for (int i = 0; i < n; i++) {
      Arrays.fill(clean.values(), i * n + i + 1, i * n + n, 0);
    }
    return clean;
  }

  /** A⁻¹B. */
  public Matrix solve(Matrix b) {
    return triangular(CblasTrans, triangular(CblasNoTrans, b.copy()));
  }

  /** L⁻¹B. */
  public Matrix solveLower(Matrix b) {
    return triangular(CblasNoTrans, b.copy());
  }

  /** L⁻ᵀB. */
  public Matrix solveTransposed(Matrix b) {
    return triangular(CblasTrans, b.copy());
  }

  private Matrix triangular(int transposed, Matrix x) {
    int n = lower.rows();
    if (x.rows() != n) {
      throw new IllegalArgumentException("a system of " + lower + " for " + x);
    }
    if (x.columns() > 0 && n > 0) {
      OpenBlas.run(
          (double) n * n * x.columns() / 2,
          () ->
              openblas_nolapack.cblas_dtrsm(
                  CblasRowMajor,
                  CblasLeft,
                  CblasLower,
                  transposed,
                  CblasNonUnit,
                  n,
                  x.columns(),
                  1,
                  lower.values(),
                  n,
                  x.values(),
                  x.columns()));
    }
    return x;
  }

  /** A⁻¹, equal to its transpose to the bit. */
  public Matrix inverse() {
    int n = lower.rows();
    Matrix inverse = lower.copy();
    AtomicInteger info = new AtomicInteger();
    OpenBlas.run(
        2 * Math.pow(n, 3) / 3,
        () ->
            info.set(
                openblas.LAPACKE_dpotri(openblas.LAPACK_COL_MAJOR, UPPER, n, inverse.values(), n)));
    if (info.get() != 0) {
      throw new ArithmeticException("a factor with a zero on its diagonal, " + info);
    }
    return inverse.mirrorLower();
  }
}
