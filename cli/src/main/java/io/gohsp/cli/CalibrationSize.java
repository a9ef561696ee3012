package io.gohsp.cli;

import io.gohsp.data.DataSource;
import io.gohsp.data.Splits;
import org.jspecify.annotations.Nullable;

/** How many samples rankings and importances are computed on. */
final class CalibrationSize {
  /** For rankings alone. */
  static final int RANKING = 256;

  /** Where corrections are computed too, which have more to learn. */
  static final int PRUNING = 512;

  private CalibrationSize() {}

  /** As many as asked for; else what there is, up to a number. */
  static int of(DataSource source, @Nullable Integer given, int most) {
    if (given != null) {
      return given;
    }
    int train = source.train().size();
    int heldOut =
        source.validation() != null ? 0 : Math.max(1, (int) Math.round(train * Splits.HELD_OUT));
    return Math.max(1, Math.min(most, train - heldOut - 1)); // one is left to train on
  }
}
