package io.gohsp.cli;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.CalibrationSize;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.Splits;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ranking.HeadRanker;
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

  /** How many samples are calibrated on. */
  int calibration(DataSource source) {
    if (calibration != null && calibration < 1) {
      throw new UsageError(
          "--calibration " + calibration + " compares nothing; give 1 or more samples");
    }
    return CalibrationSize.of(source, calibration, CalibrationSize.PRUNING);
  }

  /** What is trained, validated and calibrated on. */
  Splits splits(DataSource source, long seed) {
    return Splits.calibrating(source, calibration(source), seed);
  }

  /** The calibration samples, ready to be measured on. */
  Calibration calibration(Splits splits, long seed, Device device, int threads) {
    return new Calibration(
            inputs -> data.samples(splits.calibration(), inputs, Augmentation.NONE),
            HeadRanker.BATCH,
            OrtOptions.DEFAULT.withDevice(device).withThreads(threads).withDeterministic(true),
            seed)
        .withMask(data.mask());
  }
}
