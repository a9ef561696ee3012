package io.gohsp.linalg;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasLeft;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import java.nio.DoubleBuffer;
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
    Matrix lower = Matrix.zeros(n, n);
    AtomicInteger info = new AtomicInteger();
    OpenBlas.run(
        Math.pow(n, 3) / 3,
        memory -> {
          DoubleBuffer work = memory.copyOf(a.values());
          info.set(openblas.LAPACKE_dpotrf(openblas.LAPACK_COL_MAJOR, UPPER, n, work, n));
          work.get(0, lower.values());
        });
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
    return triangular(CblasTrans, triangular(CblasNoTrans, b));
  }

  /** L⁻¹B. */
  public Matrix solveLower(Matrix b) {
    return triangular(CblasNoTrans, b);
  }

  /** L⁻ᵀB. */
  public Matrix solveTransposed(Matrix b) {
    return triangular(CblasTrans, b);
  }

  private Matrix triangular(int transposed, Matrix b) {
    int n = lower.rows();
    if (b.rows() != n) {
      throw new IllegalArgumentException("a system of " + lower + " for " + b);
    }
    Matrix x = Matrix.zeros(n, b.columns());
    if (x.columns() > 0 && n > 0) {
      OpenBlas.run(
          (double) n * n * x.columns() / 2,
          memory -> {
            DoubleBuffer work = memory.copyOf(b.values());
            openblas_nolapack.cblas_dtrsm(
                CblasRowMajor,
                CblasLeft,
                CblasLower,
                transposed,
                CblasNonUnit,
                n,
                x.columns(),
                1,
                memory.copyOf(lower.values()),
                n,
                work,
                x.columns());
            work.get(0, x.values());
          });
    }
    return x;
  }

  /** A⁻¹, equal to its transpose to the bit. */
  public Matrix inverse() {
    int n = lower.rows();
    Matrix inverse = Matrix.zeros(n, n);
    AtomicInteger info = new AtomicInteger();
    OpenBlas.run(
        2 * Math.pow(n, 3) / 3,
        memory -> {
          DoubleBuffer work = memory.copyOf(lower.values());
          info.set(openblas.LAPACKE_dpotri(openblas.LAPACK_COL_MAJOR, UPPER, n, work, n));
          work.get(0, inverse.values());
        });
    if (info.get() != 0) {
      throw new ArithmeticException("a factor with a zero on its diagonal, " + info);
    }
    return inverse.mirrorLower();
  }
}
