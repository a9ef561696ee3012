package io.gohsp.ort;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;

/**
 * ONNX Runtime's one environment per process, loaded when first needed.
 *
 * <p>Its telemetry is switched off as soon as there is an environment, for the whole process.
 * Whoever uses gohsp as a library and wants not even its start reported sets {@code
 * ORT_DISABLE_TELEMETRY=1} in the process's environment, as the program {@code gohsp} does, since
 * the native library reads that when it is loaded; whoever wants telemetry switches it on again
 * with {@link OrtEnvironment#setTelemetry}.
 */
final class Environment {
  /**
   * Stack for the first call. While it starts, ONNX Runtime 1.29 matches the process's command line
   * against a pattern, one level of recursion for each character, and the usual stack of a thread
   * is not enough for the class path of a larger project: the process would die without a word.
   */
  private static final long STARTING_STACK = 256L << 20;

  private static boolean telemetryOff;
  private static boolean started;

  private Environment() {}

  /**
   * The environment. It prints nothing: whatever fails arrives as an exception too.
   *
   * @throws ModelException.ExecutionFailed if the native library cannot be loaded
   */
  static synchronized OrtEnvironment get() {
    try {
      if (!started) {
        start();
        started = true;
      }
      OrtEnvironment environment = environment();
      if (!telemetryOff) { // once, so that a caller's own choice afterwards holds
        environment.setTelemetry(false);
        telemetryOff = true;
      }
      return environment;
    } catch (OrtException e) {
      throw new ModelException.ExecutionFailed(
          Location.UNKNOWN, "ONNX Runtime's telemetry cannot be switched off", e);
    } catch (LinkageError | IllegalStateException e) {
      throw new ModelException.ExecutionFailed(
          Location.UNKNOWN,
          "ONNX Runtime's native library cannot be loaded on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ": "
              + e.getMessage()
              + " (where the directory that it is unpacked to is mounted noexec, name another with"
              + " XDG_CACHE_HOME, or with -Djava.io.tmpdir)",
          e);
    }
  }

  private static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "gohsp");
  }

  /** Makes the environment on a thread that has the stack for it; errors are the caller's. */
  private static void start() {
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                environment();
              } catch (LinkageError | IllegalStateException e) {
                // get() makes the same call, which fails in the same way where it is told
              }
            },
            "gohsp-start",
            STARTING_STACK);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // it takes a moment and cannot be left half done
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
