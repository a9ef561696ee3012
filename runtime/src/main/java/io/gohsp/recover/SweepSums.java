package io.gohsp.recover;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.Spread;
import io.gohsp.workers.SharedBytes;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sums of one layer of a {@link SpreadSweep}. It says all that was done before, so that a
 * process that was not there, or has lost what it had, comes to the same place.
 *
 * @param done the layers before, in their order
 * @param layer the output that is asked for
 */
record SweepSums(Run run, List<Done> done, String layer) implements Spread.Sums {
  /**
   * What all layers have in common.
   *
   * @param id that no other sweep has
   * @param dense the model as it is
   * @param changing the other as it was before the first layer
   * @param layers all outputs that may be asked for
   * @param batches that all samples are
   * @param batch samples in one
   */
  record Run(
      String id,
      SharedBytes dense,
      SharedBytes changing,
      List<String> layers,
      int batches,
      int batch)
      implements Serializable {}

  /**
   * A layer that was compared.
   *
   * @param correction as {@link NormalEquations.Correction#bytes}; null if it stayed as it was
   */
  record Done(String layer, @Nullable SharedBytes correction) implements Serializable {}

  @Override
  public List<double[]> of(Calibration all, int part, int parts) {
    return SweepPart.of(run, all, part, parts).sums(done, layer);
  }
}
