package io.gohsp.cli;

import io.gohsp.data.DataSource;
import io.gohsp.data.Splits;
import org.jspecify.annotations.Nullable;

/** How many samples rankings and importances are computed on. */
final class CalibrationSize {
  private static final int MOST = 256;

  private CalibrationSize() {}

  /** As many as asked for; else what there is, up to a number. */
  static int of(DataSource source, @Nullable Integer given) {
    if (given != null) {
      return given;
    }
    int train = source.train().size();
    int heldOut =
        source.validation() != null ? 0 : Math.max(1, (int) Math.round(train * Splits.HELD_OUT));
    return Math.max(1, Math.min(MOST, train - heldOut - 1)); // one is left to train on
  }
}
