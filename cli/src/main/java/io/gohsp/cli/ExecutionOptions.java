package io.gohsp.cli;

import io.gohsp.ort.Device;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** How ONNX Runtime runs models. */
final class ExecutionOptions {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, cuda, cuda:N or auto (default: ${DEFAULT-VALUE}).")
  private String device = "cpu";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of one operator (default: one per core).")
  private int threads;

  @Option(
      names = "--size",
      paramLabel = "NAME=N",
      description =
          "Size of a symbolic dimension of the inputs (default: as in the data, else found by trial).")
  private Map<String, Long> sizes = new LinkedHashMap<>();

  Device device() {
    return Device.parse(device);
  }

  int threads() {
    if (threads < 0) {
      throw new UsageError("--threads " + threads + " is no number of threads; give 1 or more");
    }
    return threads;
  }

  Map<String, Long> sizes() {
    sizes.forEach(
        (name, size) -> {
          if (size < 1) {
            throw new UsageError("--size " + name + "=" + size + " is no size; give 1 or more");
          }
        });
    return sizes;
  }
}
