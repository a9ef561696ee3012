package io.gohsp.ort;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a model runs. */
public sealed interface Device {
  Device CPU = new Cpu();
  Device AUTO = new Auto();

  /** The processor. */
  record Cpu() implements Device {
    @Override
    public String toString() {
      return "cpu";
    }
  }

  /** One NVIDIA GPU, by CUDA's numbering. */
  record Cuda(int index) implements Device {
    @Override
    public String toString() {
      return "cuda:" + index;
    }
  }

  /** The first GPU if ONNX Runtime can use it for the model at hand, otherwise the processor. */
  record Auto() implements Device {
    @Override
    public String toString() {
      return "auto";
    }
  }

  /**
   * Reads {@code cpu}, {@code cuda}, {@code cuda:N} or {@code auto}.
   *
   * @throws DeviceException if the text is none of these
   */
  static Device parse(String text) {
    Matcher cuda = Pattern.compile("cuda(?::(\\d{1,4}))?").matcher(text);
    if (cuda.matches()) {
      return new Cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }
    return switch (text) {
      case "cpu" -> CPU;
      case "auto" -> AUTO;
      default ->
          throw new DeviceException(
              "there is no device \""
                  + text
                  + "\"; known are cpu, cuda, cuda:N (the GPU's number) and auto");
    };
  }

  /** Whether this build of ONNX Runtime has the CUDA provider. Says nothing about the machine. */
  static boolean hasCudaProvider() {
    Environment.get(); // for its error if the native library cannot be loaded
    return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }
}
