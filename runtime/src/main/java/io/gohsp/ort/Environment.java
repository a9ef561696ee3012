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
  private static boolean telemetryOff;

  private Environment() {}

  /**
   * The environment. It prints nothing: whatever fails arrives as an exception too.
   *
   * @throws ModelException.ExecutionFailed if the native library cannot be loaded
   */
  static synchronized OrtEnvironment get() {
    try {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "gohsp");
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
}
