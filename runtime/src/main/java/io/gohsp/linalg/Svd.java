package io.gohsp.linalg;

import java.nio.DoubleBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.openblas.global.openblas;

/** A matrix of m rows and n columns as UΣVᵀ, with the k = min(m, n) singular values there are. */
public final class Svd {
  private final Matrix u;
  private final double[] values;
  private final Matrix vt;

  private Svd(Matrix u, double[] values, Matrix vt) {
    this.u = u;
    this.values = values;
    this.vt = vt;
  }

  /**
   * @param a not changed
   * @throws ArithmeticException if it is not finite
   */
  public static Svd of(Matrix a) {
    int m = a.rows();
    int n = a.columns();
    int k = Math.min(m, n);
    double[] values = new double[k];
    Matrix u = Matrix.zeros(m, k);
    Matrix vt = Matrix.zeros(k, n);
    AtomicInteger info = new AtomicInteger();
    // Read column by column it is Aᵀ = VΣUᵀ, and the factors come out the way they are wanted.
    OpenBlas.run(
        10.0 * m * n * k,
        memory -> {
          DoubleBuffer found = memory.doubles(k);
          DoubleBuffer right = memory.doubles(k * n);
          DoubleBuffer left = memory.doubles(m * k);
          info.set(
              openblas.LAPACKE_dgesdd(
                  openblas.LAPACK_COL_MAJOR,
                  (byte) 'S',
                  n,
                  m,
                  memory.copyOf(a.values()),
                  n,
                  found,
                  right,
                  n,
                  left,
                  k));
          found.get(0, values);
          right.get(0, vt.values());
          left.get(0, u.values());
        });
    if (info.get() != 0) {
      throw new ArithmeticException("no singular values found, " + info);
    }
    return new Svd(u, values, vt);
  }

  /** [m, k], its columns orthonormal. */
  public Matrix u() {
    return u;
  }

  /** Falling, none negative. */
  public double[] values() {
    return values;
  }

  /** Vᵀ, [k, n], its rows orthonormal. */
  public Matrix vt() {
    return vt;
  }
}
