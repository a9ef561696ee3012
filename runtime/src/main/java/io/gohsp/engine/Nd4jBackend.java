package io.gohsp.engine;

import io.gohsp.ort.Device;
import io.gohsp.ort.DeviceException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where ND4J computes.
 *
 * @param device the processor, or one GPU
 * @param note a line for the user if that is not what was asked for; null if it is
 */
public record Nd4jBackend(Device device, @Nullable String note) {
  /** ND4J's CUDA build holds code for GPUs from this compute capability ... */
  private static final double OLDEST = 3.7;

  /** ... to this, and nothing that a driver could compile for later ones. */
  private static final double NEWEST = 8.6;

  /** What is known of a machine and of this build. */
  interface Machine {
    /** Whether ND4J's CUDA build is on the class path. */
    boolean hasCudaBuild();

    /** The compute capability of each GPU, such as 8.6, by CUDA's numbering. */
    List<Double> gpus();
  }

  /**
   * Decides without loading anything of ND4J: its backend is chosen once, when its first class is
   * loaded, and the CUDA build claims GPUs that it has no code for.
   *
   * @throws DeviceException if a GPU was asked for that does not exist, or in a build without CUDA
   */
  static Nd4jBackend choose(Device wanted, Machine machine) {
    if (wanted instanceof Device.Cpu
        || (wanted instanceof Device.Auto && !machine.hasCudaBuild())) {
      return new Nd4jBackend(Device.CPU, null);
    }
    if (!machine.hasCudaBuild()) {
      throw new DeviceException(
          wanted
              + " was asked for, but this ND4J is built for the processor only; build with -Pcuda,"
              + " or use cpu");
    }
    List<Double> gpus = machine.gpus();
    int index = wanted instanceof Device.Cuda cuda ? cuda.index() : 0;
    if (index >= gpus.size()) {
      String found = gpus.isEmpty() ? "no NVIDIA GPU found" : "there are " + gpus.size() + " GPUs";
      if (wanted instanceof Device.Cuda) {
        throw new DeviceException(wanted + " was asked for, but " + found + "; use cpu");
      }
      return new Nd4jBackend(Device.CPU, found + ": ND4J computes on the processor");
    }
    double capability = gpus.get(index);
    if (capability < OLDEST || capability > NEWEST) {
      return new Nd4jBackend(
          Device.CPU,
          "ND4J computes on the processor: cuda:%d has compute capability %s, and ND4J has code for %s to %s"
              .formatted(index, capability, OLDEST, NEWEST));
    }
    return new Nd4jBackend(new Device.Cuda(index), null);
  }

  /** Reads what {@code nvidia-smi --query-gpu=compute_cap --format=csv,noheader} prints. */
  static List<Double> capabilities(Stream<String> lines) {
    return lines
        .map(String::strip)
        .filter(line -> line.matches("\\d+\\.\\d+"))
        .map(Double::valueOf)
        .toList();
  }
}
