package io.gohsp.linalg;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.util.function.ToIntBiFunction;

/**
 * Whether OpenBLAS computes rightly on this processor. It chooses its kernels by what it takes the
 * processor for, and in 0.3.19 those for AVX-512 do not factor a positive definite matrix
 * (findings/openblas_avx512_cholesky.sh): better no result than one that rests on them.
 */
final class KernelCheck {
  /** Wider than what kernels handle at once. */
  private static final int SIZE = 64;

  private KernelCheck() {}

  /**
   * Factors a matrix whose factor is known: 2 on the diagonal and 1 elsewhere.
   *
   * @param factorize factors in place a matrix of that many rows; returns 0 if it could
   * @throws ModelException.ExecutionFailed if the factor is wrong, or OpenBLAS is not there
   */
  static void require(ToIntBiFunction<double[], Integer> factorize) {
    double[] a = new double[SIZE * SIZE];
    for (int i = 0; i < a.length; i++) {
      a[i] = i % (SIZE + 1) == 0 ? 2 : 1;
    }
    int info;
    try {
      info = factorize.applyAsInt(a, SIZE);
    } catch (NoClassDefFoundError | UnsatisfiedLinkError e) {
      throw new ModelException.ExecutionFailed(
          Location.UNKNOWN,
          "OpenBLAS cannot be loaded ("
              + e.getMessage()
              + "): whatever measures or trains on samples, as the default method does, needs"
              + " org.bytedeco:openblas and org.nd4j:nd4j-native on the class path and unpacks them"
              + " to a cache, which must have room and not be mounted noexec"
              + " (org.bytedeco.javacpp.cachedir, for the program gohsp XDG_CACHE_HOME, names"
              + " another place); a method that only reads weights (somp, random, zeros) does"
              + " without",
          e);
    }
    // The square of pivot k is 1 + 1/(k + 1): what is left of the diagonal after k eliminations.
    boolean right = info == 0;
    for (int k = 0; right && k < SIZE; k++) {
      double pivot = a[k * SIZE + k];
      right = Math.abs(pivot * pivot - (1 + 1.0 / (k + 1))) < 1e-12;
    }
    if (!right) {
      throw new ModelException.ExecutionFailed(
          Location.UNKNOWN,
          "OpenBLAS computes wrongly with the kernels that it chose for this processor (set"
              + " OPENBLAS_CORETYPE=HASWELL in the environment, as the program gohsp does where it"
              + " may)",
          null);
    }
  }
}
