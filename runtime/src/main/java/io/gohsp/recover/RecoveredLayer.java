package io.gohsp.recover;

import org.jspecify.annotations.Nullable;

/**
 * What became of one layer.
 *
 * @param block its name, "block 3"
 * @param part "attention" or "mlp"
 * @param layer what the model calls the layer's output; of a branch that is gone, the sum where it
 *     joined the stream
 * @param before mean squared error behind the layer over the calibration samples, relative to the
 *     variance of what the dense model has there; NaN where it was not measured
 * @param after what the correction leaves of it on the same samples; equal to {@code before} where
 *     there is none
 * @param leftAlone why there is no correction; null if there is one
 */
public record RecoveredLayer(
    String block,
    String part,
    String layer,
    double before,
    double after,
    @Nullable String leftAlone) {
  public boolean isCorrected() {
    return leftAlone == null;
  }
}
