package io.gohsp.engine;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The machine that this runs on, and the class path of this build. */
final class ThisMachine implements Nd4jBackend.Machine {
  private static final String CUDA_BACKEND = "org/nd4j/linalg/jcublas/JCublasBackend.class";
  private static final long PATIENCE_SECONDS = 10; // a driver that was asleep takes some

  @Override
  public boolean hasCudaBuild() {
    return ThisMachine.class.getClassLoader().getResource(CUDA_BACKEND) != null;
  }

  /** Asks the driver's own program: CUDA's libraries need not be there for that. */
  @Override
  public List<Double> gpus() {
    ProcessBuilder question =
        new ProcessBuilder("nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectInput(
                new File(System.getProperty("os.name").startsWith("Win") ? "NUL" : "/dev/null"));
    try {
      Process process = question.start();
      try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
          process.destroyForcibly();
          return List.of();
        }
        return Nd4jBackend.capabilities(lines.lines());
      }
    } catch (IOException e) {
      return List.of(); // no driver, no GPU
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
