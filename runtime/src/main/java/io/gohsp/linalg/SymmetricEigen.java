package io.gohsp.linalg;

import java.nio.DoubleBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.openblas.global.openblas;

/** A symmetric matrix as VΛVᵀ. */
public final class SymmetricEigen {
  private final double[] values;
  private final Matrix vectors;

  private SymmetricEigen(double[] values, Matrix vectors) {
    this.values = values;
    this.vectors = vectors;
  }

  /**
   * @param a square; only its lower triangle is read; not changed
   * @throws ArithmeticException if it is not finite
   */
  public static SymmetricEigen of(Matrix a) {
    int n = a.rows();
    Matrix rows = Matrix.zeros(n, n); // one eigenvector in each, their values rising
    double[] rising = new double[n];
    AtomicInteger info = new AtomicInteger();
    OpenBlas.run(
        9 * Math.pow(n, 3),
        memory -> {
          DoubleBuffer work = memory.copyOf(a.values());
          DoubleBuffer found = memory.doubles(n);
          info.set(
              openblas.LAPACKE_dsyevd(
                  openblas.LAPACK_COL_MAJOR, (byte) 'V', (byte) 'U', n, work, n, found));
          work.get(0, rows.values());
          found.get(0, rising);
        });
    if (info.get() != 0) {
      throw new ArithmeticException("no eigenvalues found, " + info);
    }
    double[] values = new double[n];
    Matrix vectors = Matrix.zeros(n, n);
    for (int k = 0; k < n; k++) {
      int from = n - 1 - k;
      values[k] = rising[from];
      for (int i = 0; i < n; i++) {
        vectors.values()[i * n + k] = rows.at(from, i);
      }
    }
    return new SymmetricEigen(values, vectors);
  }

  /** Falling. */
  public double[] values() {
    return values;
  }

  /** One in each column, orthonormal, in the order of {@link #values}. */
  public Matrix vectors() {
    return vectors;
  }
}
