package io.gohsp.method;

import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.Importance;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanSelector;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all methods that score have in common: the best stay. */
final class Selection {
  private Selection() {}

  static PruningPlan best(
      PruningMethod method,
      WorkingModel model,
      @Nullable SelectionOptions options,
      Supplier<Importance> importance) {
    return PlanSelector.select(
        model, importance.get(), required(options), Map.of("method", method.name()));
  }

  /**
   * The options.
   *
   * @throws InvalidOption if there are none
   */
  static SelectionOptions required(@Nullable SelectionOptions options) {
    if (options == null) {
      throw new InvalidOption(
          "nothing says how much to keep; give a budget (--keep-params 0.6, --keep-macs 2.0G) or"
              + " shares (--heads 4, --neurons 75%)");
    }
    return options;
  }
}
