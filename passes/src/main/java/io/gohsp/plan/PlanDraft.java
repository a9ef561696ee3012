package io.gohsp.plan;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan as people edit it: where it says how many stay in place of which, that has yet to be
 * chosen.
 *
 * @param plan all that is settled; of what is only counted it keeps everything
 * @param counts one for each block of the plan
 * @param from where it was read, for messages
 */
public record PlanDraft(PruningPlan plan, List<Counts> counts, Location from) {
  /**
   * How many of one block stay; null for what a plan lists, or leaves whole.
   *
   * @param heads of the block, at least 1 and fewer than there are, as all of these
   * @param qk query-key columns of every head that stays
   * @param v value columns, likewise
   * @param neurons of the block
   */
  public record Counts(
      @Nullable Integer heads,
      @Nullable Integer qk,
      @Nullable Integer v,
      @Nullable Integer neurons) {
    boolean isEmpty() {
      return heads == null && qk == null && v == null && neurons == null;
    }
  }

  public PlanDraft {
    counts = List.copyOf(counts);
  }

  /** Whether nothing is left to choose. */
  public boolean isSettled() {
    return counts.stream().allMatch(Counts::isEmpty);
  }

  /**
   * The plan, where nothing can be chosen.
   *
   * @throws ModelException.BadPlan if something is only counted
   */
  public PruningPlan settled() {
    if (!isSettled()) {
      throw new ModelException.BadPlan(
          from,
          "says how many stay of something, and not which",
          "gohsp apply chooses them, and writes what it chose into the model");
    }
    return plan;
  }
}
