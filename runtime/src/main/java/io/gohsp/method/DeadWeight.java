package io.gohsp.method;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.verify.Verdict;
import io.gohsp.zero.ZeroPlan;
import org.jspecify.annotations.Nullable;

/**
 * Removes what provably contributes nothing, such as what masks or sparse training left behind as
 * zeros. The result computes the same as the original itself.
 */
final class DeadWeight implements PruningMethod {
  @Override
  public String name() {
    return ZeroPlan.METHOD;
  }

  @Override
  public String description() {
    return "removes what is zero already; the result computes the same";
  }

  @Override
  public PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed) {
    if (options != null) {
      throw new InvalidOption(
          "the method zeros removes exactly what is zero; leave out budgets and shares, or choose"
              + " the method somp");
    }
    PruningPlan plan = ZeroPlan.of(model);
    if (plan.isEmpty()) {
      throw new ModelException.NothingToPrune(
          Location.of(model.model()),
          "no head, column, neuron or channel of the stream is zero throughout",
          "give the method somp and a budget to remove what is merely small");
    }
    return plan;
  }

  @Override
  public Verdict.Mode mustEqual() {
    return Verdict.Mode.PLAIN;
  }
}
