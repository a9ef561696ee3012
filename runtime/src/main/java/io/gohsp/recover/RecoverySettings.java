package io.gohsp.recover;

/**
 * How strongly corrections are held back.
 *
 * @param ridge μ as a multiple of the mean variance of a layer's inputs; positive
 */
public record RecoverySettings(double ridge) {
  /**
   * Measured on a vision transformer of three blocks trained on the built-in digits, cut to half
   * its heads and neurons: from 256 samples 1e-5 to 1e-3 do alike and 1e-2 does worse; from 32
   * samples 1e-3 to 1e-2 are best. This is the value that is good at both.
   */
  public static final RecoverySettings STANDARD = new RecoverySettings(1e-3);

  public RecoverySettings {
    if (!(ridge > 0) || Double.isInfinite(ridge)) {
      throw new IllegalArgumentException("a ridge of " + ridge);
    }
  }
}
