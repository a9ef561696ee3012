package io.gohsp.method;

import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.InvalidOption;
import io.gohsp.selection.Importance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.SelectionOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all methods that score have in common: the best stay. */
final class Selection {
  private Selection() {}

  /**
   * Plans of one model.
   *
   * @param method its name
   */
  static Planner planner(String method, WorkingModel model, Importance importance) {
    return options ->
        PlanSelector.select(model, importance, required(options), Map.of("method", method));
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
