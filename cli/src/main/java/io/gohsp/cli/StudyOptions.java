package io.gohsp.cli;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.CalibrationSize;
import io.gohsp.data.ModelData;
import io.gohsp.data.Splits;
import io.gohsp.ir.Model;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a model is studied on before it is pruned, and in which bases. */
final class StudyOptions {
  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--calibration",
      paramLabel = "N",
      description =
          "Training samples to measure on what can go, and to correct what stays (default: 512, or"
              + " what there is); validation samples never.")
  private @Nullable Integer calibration;

  @Option(
      names = "--no-rotate",
      description =
          "Cut columns of heads as the exporter has them; otherwise they are written in the basis"
              + " that loses least, where the model allows it.")
  private boolean unrotated;

  DataOptions data() {
    return data;
  }

  /** Whether columns of heads are written in the best basis before any goes. */
  boolean isRotated() {
    return !unrotated;
  }

  /** How many samples are calibrated on; null if that was not said. */
  @Nullable Integer calibration() {
    return calibration;
  }

  /** What is trained, validated and calibrated on. */
  Splits splits(ModelData opened, long seed) {
    return CalibrationSize.splits(opened.source(), calibration, seed);
  }

  /** The samples of a process that adds up a part; they stay open as long as it lives. */
  Calibrating.Seen opened(Model model, long seed, ExecutionOptions execution) {
    return opened(model, seed, execution, splits -> splits);
  }

  /**
   * Likewise.
   *
   * @param some what the command does to the parts of the data
   */
  @SuppressWarnings("MustBeClosed") // ends with the process
  Calibrating.Seen opened(
      Model model, long seed, ExecutionOptions execution, UnaryOperator<Splits> some) {
    ModelData opened = data.open(model);
    Splits splits = some.apply(splits(opened, seed));
    Calibration calibration =
        Calibration.of(opened, splits, execution.device(), execution.threads(), seed);
    return new Calibrating.Seen(calibration, calibration.validating(opened, splits));
  }
}
