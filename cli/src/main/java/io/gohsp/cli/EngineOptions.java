package io.gohsp.cli;

import io.gohsp.engine.Engine;
import io.gohsp.engine.OrtEngine;
import io.gohsp.nd4j.Nd4jEngine;
import io.gohsp.ort.OrtOptions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What executes training. */
final class EngineOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "ort (ONNX Runtime; the default) or nd4j (slower, and independent of it; takes its"
              + " number of threads from OMP_NUM_THREADS).")
  private String engine = OrtEngine.NAME;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  /**
   * @param execution the options that also count where nothing is trained
   */
  Engine engine(ExecutionOptions execution) {
    return switch (engine) {
      case OrtEngine.NAME -> ort(execution);
      case Nd4jEngine.NAME -> nd4j(execution);
      default -> throw new UsageError("--engine " + engine + " is not known; give ort or nd4j");
    };
  }

  private Engine nd4j(ExecutionOptions execution) {
    Nd4jEngine nd4j = new Nd4jEngine(execution.device());
    String note = nd4j.backend().note();
    if (note != null) {
      Printed.err(Objects.requireNonNull(spec)).println("gohsp: " + note);
    }
    return nd4j;
  }

  private static Engine ort(ExecutionOptions execution) {
    return new OrtEngine(
        OrtOptions.DEFAULT
            .withDevice(execution.device())
            .withThreads(execution.threads())
            .withDims(execution.sizes())
            .withDeterministic(true));
  }
}
