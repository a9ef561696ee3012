package io.gohsp.study;

import io.gohsp.plan.PruningPlan;
import io.gohsp.train.Evaluation;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What became of an accuracy that was asked for ({@link MaxDrop}).
 *
 * @param allowed percentage points that may be lost
 * @param lost percentage points that are; negative where some are won
 * @param exceeded whether that is more than allowed
 */
public record LostAccuracy(BigDecimal allowed, double lost, boolean exceeded) {
  /**
   * Of a result.
   *
   * @param plan says what was asked for
   * @param dense the original on the validation part
   * @param last the result there
   * @return null if no accuracy was asked for
   */
  public static @Nullable LostAccuracy of(PruningPlan plan, Evaluation dense, Evaluation last) {
    String points = plan.provenance().get(MaxDrop.ALLOWED);
    if (points == null) {
      return null;
    }
    MaxDrop drop = MaxDrop.parse(MaxDrop.ALLOWED, points, MaxDrop.Smallest.PARAMS);
    return new LostAccuracy(
        drop.points(),
        MaxDrop.lost(dense.accuracy(), last.accuracy()),
        !drop.allows(dense.accuracy(), last.accuracy()));
  }
}
