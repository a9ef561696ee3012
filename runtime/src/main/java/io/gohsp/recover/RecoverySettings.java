package io.gohsp.recover;

import java.util.Arrays;
import java.util.List;

/**
 * How strongly corrections are held back.
 *
 * @param ridges μ as a multiple of the mean variance of a layer's inputs; positive, rising, the
 *     last may be infinite. Of several, every output of a layer takes the one that does best on
 *     samples that the correction does not come from, or no correction if none does any good there
 */
public record RecoverySettings(List<Double> ridges) {
  /**
   * Measured on a vision transformer of three blocks trained on the built-in digits, cut to half
   * its heads and neurons: from 256 samples 1e-5 to 1e-3 do alike and 1e-2 does worse; from 32
   * samples 1e-3 to 1e-2 are best. With few tokens for each input, as texts have, stronger ones
   * are.
   */
  public static final RecoverySettings STANDARD =
      new RecoverySettings(1e-3, 1e-2, 1e-1, Double.POSITIVE_INFINITY);

  /** For what has no weight, a mean alone. */
  static final RecoverySettings MEAN = new RecoverySettings(Double.POSITIVE_INFINITY);

  /** In this order. */
  public RecoverySettings(double... ridges) {
    this(Arrays.stream(ridges).boxed().toList());
  }

  /**
   * @throws IllegalArgumentException if they are not positive, do not rise, or there is none
   */
  public RecoverySettings {
    ridges = List.copyOf(ridges);
    double last = 0;
    for (double ridge : ridges) {
      if (!(ridge > last)) {
        throw new IllegalArgumentException("ridges of " + ridges);
      }
      last = ridge;
    }
    if (ridges.isEmpty()) {
      throw new IllegalArgumentException("no ridge");
    }
  }

  /** The weakest, for what is not a correction but uses the same sums. */
  public double ridge() {
    return ridges.get(0);
  }
}
