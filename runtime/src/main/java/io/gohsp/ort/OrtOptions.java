package io.gohsp.ort;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How ONNX Runtime shall run a model.
 *
 * @param device where
 * @param threads for one operator; 0 lets ONNX Runtime take one per core
 * @param deterministic the same bits in every run: deterministic kernels, and no TF32 on GPUs,
 *     whose 10-bit mantissa would drown the differences that verification looks for
 * @param optimization how far ONNX Runtime may rewrite the graph before it runs
 * @param prepack whether constant weights are copied into the layout of the kernels; costs time and
 *     a copy of the weights when the session is made, and pays off from the third run or so
 * @param dims sizes for symbolic dimensions, fixed when the session is made; usually empty
 */
public record OrtOptions(
    Device device,
    int threads,
    boolean deterministic,
    Optimization optimization,
    boolean prepack,
    Map<String, Long> dims) {

  /** ONNX Runtime's levels of graph optimisation. */
  public enum Optimization {
    /** The graph as it is. */
    NONE,
    /** Constants folded, redundant nodes removed. */
    BASIC,
    /** Also fused operators. */
    EXTENDED,
    /** Also layouts for this processor. */
    ALL
  }

  /** On the processor, all cores, all optimisations. */
  public static final OrtOptions DEFAULT =
      new OrtOptions(Device.CPU, 0, false, Optimization.ALL, true, Map.of());

  /**
   * For the comparison of two models on a few samples: deterministic, the graph as it is written,
   * and nothing prepared that would cost more than the runs.
   */
  public static final OrtOptions VERIFY =
      new OrtOptions(Device.CPU, 0, true, Optimization.NONE, false, Map.of());

  public OrtOptions {
    if (threads < 0) {
      throw new IllegalArgumentException("a negative number of threads: " + threads);
    }
    dims = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(dims));
  }

  public OrtOptions withDevice(Device newDevice) {
    return new OrtOptions(newDevice, threads, deterministic, optimization, prepack, dims);
  }

  public OrtOptions withThreads(int newThreads) {
    return new OrtOptions(device, newThreads, deterministic, optimization, prepack, dims);
  }

  public OrtOptions withDeterministic(boolean newDeterministic) {
    return new OrtOptions(device, threads, newDeterministic, optimization, prepack, dims);
  }

  public OrtOptions withOptimization(Optimization newOptimization) {
    return new OrtOptions(device, threads, deterministic, newOptimization, prepack, dims);
  }

  public OrtOptions withPrepack(boolean newPrepack) {
    return new OrtOptions(device, threads, deterministic, optimization, newPrepack, dims);
  }

  public OrtOptions withDims(Map<String, Long> newDims) {
    return new OrtOptions(device, threads, deterministic, optimization, prepack, newDims);
  }
}
