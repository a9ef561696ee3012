package io.gohsp.linalg;

import io.gohsp.engine.Nd4jSetup;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.openblas.presets.openblas_nolapack.SetNumThreads;
import org.jspecify.annotations.Nullable;

/**
 * How many threads OpenBLAS takes. The number belongs to the process, and training's vector
 * operations, ND4J's, are to have as many as they had: so it is set for each call and then put
 * back. Measured (OpenBLAS 0.3.19): the same call with the same number of threads returns the same
 * bytes; factors with another number differ in the last digits.
 */
public final class OpenBlas {
  /** More gain little on matrices of some thousand rows. */
  private static final int MOST = 8;

  /** Multiply-accumulates that several threads would wait for each other longer than they take. */
  private static final long SMALL = 1L << 26;

  private static int threads = Math.min(MOST, Runtime.getRuntime().availableProcessors());

  private static final NativeMemory MEMORY = new NativeMemory();

  private static @Nullable Setter setter;

  static {
    Nd4jSetup.limitMemory();
  }

  private OpenBlas() {}

  /**
   * Sets the threads of all calls from now on, for the whole process.
   *
   * @param number positive; 0 for one per core, but 8 at most
   */
  public static synchronized void useThreads(int number) {
    threads = number == 0 ? Math.min(MOST, Runtime.getRuntime().availableProcessors()) : number;
  }

  /**
   * Runs something in OpenBLAS.
   *
   * @param work multiply-accumulates, about: of little, one thread does all
   * @param call is given memory, its own until it returns
   * @throws io.gohsp.ir.ModelException.ExecutionFailed if OpenBLAS computes wrongly here
   */
  static synchronized void run(double work, Consumer<NativeMemory> call) {
    if (setter == null) {
      KernelCheck.require(
          (a, n) -> openblas.LAPACKE_dpotrf(openblas.LAPACK_COL_MAJOR, Cholesky.UPPER, n, a, n));
      setter = new Setter();
    }
    int outside = Math.max(1, openblas_nolapack.blas_get_num_threads());
    setter.call(work < SMALL ? 1 : threads);
    try {
      MEMORY.lend(call);
    } finally {
      setter.call(outside);
    }
  }

  /**
   * OpenBLAS's function itself. {@code blas_set_num_threads} of its Java binding looks for four
   * symbols in all libraries that are loaded, at every call: a millisecond, which is far more than
   * what most calls compute.
   */
  private static final class Setter extends SetNumThreads {
    Setter() {
      put(Loader.addressof("openblas_set_num_threads"));
    }
  }
}
