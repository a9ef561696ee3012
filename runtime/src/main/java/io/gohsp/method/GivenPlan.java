package io.gohsp.method;

import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.work.WorkFile;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a plan says, whoever made it; what stays is corrected and trained as after any other
 * cut.
 *
 * @param plan of the model, complete
 */
public record GivenPlan(PruningPlan plan) implements PruningMethod {
  /** Differs where plans do, for a work directory belongs to one. */
  @Override
  public String name() {
    return "plan " + WorkFile.sha256(PlanJson.compact(plan).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String description() {
    return "what a plan says";
  }

  /**
   * @throws InvalidOption if something else says how much is to stay
   */
  @Override
  public PruningPlan plan(WorkingModel model, @Nullable SelectionOptions options, long seed) {
    if (options != null) {
      throw new InvalidOption("a plan says what stays; leave out budgets and shares");
    }
    return plan;
  }
}
