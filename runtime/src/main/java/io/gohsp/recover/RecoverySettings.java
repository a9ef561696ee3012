package io.gohsp.recover;

import java.util.Arrays;

/**
 * How strongly corrections are held back.
 *
 * @param ridges μ as a multiple of the mean variance of a layer's inputs; positive, rising, the
 *     last may be infinite. Of several, every output of a layer takes the one that does best on
 *     samples that the correction does not come from, or no correction if none does any good there
 */
@SuppressWarnings("ArrayRecordComponent") // made and read, never compared
public record RecoverySettings(double... ridges) {
  /**
   * Measured on a vision transformer of three blocks trained on the built-in digits, cut to half
   * its heads and neurons: from 256 samples 1e-5 to 1e-3 do alike and 1e-2 does worse; from 32
   * samples 1e-3 to 1e-2 are best. With few tokens for each input, as texts have, stronger ones
   * are.
   */
  public static final RecoverySettings STANDARD =
      new RecoverySettings(1e-3, 1e-2, 1e-1, Double.POSITIVE_INFINITY);

  public RecoverySettings {
    ridges = ridges.clone();
    for (int i = 0; i < ridges.length; i++) {
      if (!(ridges[i] > (i == 0 ? 0 : ridges[i - 1]))) {
        throw new IllegalArgumentException("ridges of " + Arrays.toString(ridges));
      }
    }
    if (ridges.length == 0) {
      throw new IllegalArgumentException("no ridge");
    }
  }

  /** The weakest, for what is not a correction but uses the same sums. */
  public double ridge() {
    return ridges[0];
  }
}
