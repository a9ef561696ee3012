package io.gohsp.ort;

import ai.onnxruntime.OrtEnvironment;
import org.jspecify.annotations.Nullable;

/** Which ONNX Runtime this is. */
public final class OrtVersion {
  private OrtVersion() {}

  /**
   * As its manifest says, so that its native library need not be loaded for this.
   *
   * @return null if it was repackaged without one
   */
  public static @Nullable String installed() {
    return OrtEnvironment.class.getPackage().getImplementationVersion();
  }
}
