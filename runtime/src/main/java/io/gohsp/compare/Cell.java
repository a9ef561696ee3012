package io.gohsp.compare;

import io.gohsp.selection.Budget;
import io.gohsp.study.Goal;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One run of a comparison.
 *
 * @param entrant null for the control: the dense model, trained as long
 * @param goal how much is to stay; null for the control
 * @param seed of everything random but the held-out samples
 */
public record Cell(@Nullable Entrant entrant, @Nullable Goal goal, long seed) {
  /** What tables call the control. */
  public static final String DENSE = "dense";

  public String method() {
    return entrant == null ? DENSE : entrant.name();
  }

  /** How much is to stay, such as "60% parameters"; null for the control. */
  public @Nullable String budget() {
    return goal == null ? null : budgetOf(goal).toString();
  }

  static Budget.Limit budgetOf(Goal goal) {
    return Objects.requireNonNull(goal.budget(), "a comparison is by budgets").limits().get(0);
  }

  /** Where in a work directory it has its files. */
  Path directory(Path work) {
    Path cells = work.resolve("cells");
    Path method =
        goal == null
            ? cells.resolve(DENSE)
            : cells.resolve(directoryOf(budgetOf(goal))).resolve(method());
    return method.resolve("seed-" + seed);
  }

  private static String directoryOf(Budget.Limit budget) {
    String unit =
        !(budget instanceof Budget.Params params)
            ? "macs-"
            : params.embeddings() ? "params-" : "non-embedding-";
    return unit + budget.amount();
  }

  @Override
  public String toString() {
    return goal == null
        ? "dense, trained as long, seed " + seed
        : "%s, %s, seed %d".formatted(method(), budget(), seed);
  }
}
