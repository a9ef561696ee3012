package io.gohsp.calibration;

import io.gohsp.data.DataSource;
import io.gohsp.data.Splits;
import io.gohsp.plan.InvalidOption;
import org.jspecify.annotations.Nullable;

/** How many samples rankings and importances are computed on. */
public final class CalibrationSize {
  /** For rankings alone. */
  public static final int RANKING = 256;

  /** Where corrections are computed too, which have more to learn. */
  public static final int PRUNING = 512;

  private CalibrationSize() {}

  /**
   * What is trained, validated and calibrated on where corrections are computed.
   *
   * @param given samples to calibrate on; null for {@link #PRUNING}, or what there is
   * @throws InvalidOption if fewer than one were asked for
   * @throws io.gohsp.data.DataException if there are not as many as were asked for
   */
  public static Splits splits(DataSource source, @Nullable Integer given, long seed) {
    if (given != null && given < 1) {
      throw new InvalidOption(
          "--calibration " + given + " compares nothing; give 1 or more samples");
    }
    return Splits.calibrating(source, of(source, given, PRUNING), seed);
  }

  /**
   * As many as asked for; else what there is, up to a number.
   *
   * @param given null if nobody asked
   * @param most of those that nobody asked for
   */
  public static int of(DataSource source, @Nullable Integer given, int most) {
    if (given != null) {
      return given;
    }
    int train = source.train().size();
    int heldOut =
        source.validation() != null ? 0 : Math.max(1, (int) Math.round(train * Splits.HELD_OUT));
    return Math.max(1, Math.min(most, train - heldOut - 1)); // one is left to train on
  }
}
