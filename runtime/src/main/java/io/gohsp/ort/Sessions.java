package io.gohsp.ort;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.util.Map;

/** {@link OrtOptions} in ONNX Runtime's terms. */
final class Sessions {
  private Sessions() {}

  /** The caller closes what this returns. */
  static SessionOptions options(Device device, OrtOptions options) throws OrtException {
    SessionOptions result = new SessionOptions();
    try {
      fill(result, device, options);
      return result;
    } catch (OrtException | RuntimeException e) {
      result.close();
      throw e;
    }
  }

  private static void fill(SessionOptions result, Device device, OrtOptions options)
      throws OrtException {
    // Threads that spin while they wait halve the speed of whoever shares the machine.
    result.addConfigEntry("session.intra_op.allow_spinning", "0");
    // The pattern keeps one block for the whole run: 40 % more memory and no faster.
    result.setMemoryPatternOptimization(false);
    result.setCPUArenaAllocator(true); // without it every step pays a quarter more
    result.setOptimizationLevel(level(options.optimization()));
    result.setDeterministicCompute(options.deterministic());
    if (options.threads() > 0) {
      result.setIntraOpNumThreads(options.threads());
    }
    if (!options.prepack()) {
      result.addConfigEntry("session.disable_prepacking", "1");
    }
    for (Map.Entry<String, Long> dim : options.dims().entrySet()) {
      result.setSymbolicDimensionValue(dim.getKey(), dim.getValue());
    }
    if (device instanceof Device.Cuda cuda) {
      addCuda(result, cuda, options.deterministic());
    }
  }

  private static void addCuda(SessionOptions result, Device.Cuda cuda, boolean deterministic)
      throws OrtException {
    try (OrtCUDAProviderOptions provider = new OrtCUDAProviderOptions(cuda.index())) {
      if (deterministic) {
        provider.add("use_tf32", "0");
      }
      result.addCUDA(provider);
    }
  }

  private static OptLevel level(OrtOptions.Optimization optimization) {
    return switch (optimization) {
      case NONE -> OptLevel.NO_OPT;
      case BASIC -> OptLevel.BASIC_OPT;
      case EXTENDED -> OptLevel.EXTENDED_OPT;
      case ALL -> OptLevel.ALL_OPT;
    };
  }
}
