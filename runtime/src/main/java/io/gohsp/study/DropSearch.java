package io.gohsp.study;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Budget;
import io.gohsp.train.Evaluation;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the smallest model that loses no more accuracy than allowed, by bisecting over budgets.
 * Each is tried: planned, cut, corrected and measured on the validation part. What fine-tuning adds
 * comes on top, so the result keeps to the bound if fine-tuning keeps the best of what it went
 * through.
 */
public final class DropSearch {
  /** Enough to tell 64ths of the model apart. */
  public static final int TRIALS = 6;

  private final MaxDrop drop;
  private final Evaluation dense;
  private final Function<Budget, PruningPlan> planner;
  private final Function<PruningPlan, Evaluation> trial;
  private final Consumer<String> progress;

  /**
   * A search that has not begun.
   *
   * @param dense the original on the validation part
   * @param planner plans for a budget; may throw {@link ModelException.NothingToPrune}
   * @param trial how well a plan does, without training
   * @throws InvalidOption if the model has no accuracy
   */
  public DropSearch(
      MaxDrop drop,
      Evaluation dense,
      Function<Budget, PruningPlan> planner,
      Function<PruningPlan, Evaluation> trial,
      Consumer<String> progress) {
    if (Double.isNaN(dense.accuracy())) {
      throw new InvalidOption(
          "--max-drop counts samples whose highest score is another, and no output of the model is"
              + " one of class scores; give a budget instead (--keep-params 0.6)");
    }
    this.drop = drop;
    this.dense = dense;
    this.planner = planner;
    this.trial = trial;
    this.progress = progress;
  }

  /**
   * Tries sizes.
   *
   * @return the plan of the smallest that fitted
   * @throws ModelException.NothingToPrune if none did, or nothing can be removed
   */
  public PruningPlan run() {
    BigDecimal low = BigDecimal.ZERO;
    BigDecimal high = BigDecimal.ONE;
    PruningPlan best = null;
    String closest = null;
    ModelException.NothingToPrune unreachable = null;
    for (int i = 0; i < TRIALS; i++) {
      BigDecimal share = low.add(high).divide(BigDecimal.valueOf(2));
      Budget budget = drop.keeping(share);
      PruningPlan plan = null;
      try {
        plan = planner.apply(budget);
      } catch (ModelException.NothingToPrune e) {
        unreachable = e;
      }
      Evaluation found = plan == null ? null : tried(budget, plan);
      if (plan != null && found != null && drop.allows(dense.accuracy(), found.accuracy())) {
        best = plan;
        high = share;
      } else {
        closest = found == null ? closest : described(budget, found);
        low = share;
      }
    }
    if (best == null) {
      throw refused(closest, unreachable);
    }
    Map<String, String> provenance = new LinkedHashMap<>(best.provenance());
    provenance.put(MaxDrop.ALLOWED, drop.points().stripTrailingZeros().toPlainString());
    return best.from(provenance);
  }

  private Evaluation tried(Budget budget, PruningPlan plan) {
    progress.accept("trying " + budget);
    Evaluation found = trial.apply(plan);
    progress.accept("tried " + described(budget, found));
    return found;
  }

  private String described(Budget budget, Evaluation found) {
    return String.format(
        Locale.ROOT,
        "%s: %.2f points lost",
        budget,
        MaxDrop.lost(dense.accuracy(), found.accuracy()));
  }

  private ModelException.NothingToPrune refused(
      @Nullable String closest, ModelException.@Nullable NothingToPrune unreachable) {
    if (closest == null && unreachable != null) {
      return unreachable;
    }
    return new ModelException.NothingToPrune(
        Location.UNKNOWN,
        "nothing can be removed for "
            + MaxDrop.points(drop.points())
            + " of accuracy; tried last: "
            + closest,
        "allow more (--max-drop), calibrate on more samples (--calibration), or give a budget and"
            + " fine-tune (--keep-params 0.9 --epochs 10)");
  }
}
