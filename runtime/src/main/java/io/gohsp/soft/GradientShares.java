package io.gohsp.soft;

import io.gohsp.engine.FlatVector;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.GroupTotals;
import io.gohsp.selection.Importance;
import io.gohsp.train.ParameterStore;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Predicate;

/**
 * Adds up over batches a function of {@code Σ w·∂L/∂w} over each group, from the gradients of the
 * training itself. A sum orders groups as the mean does that METHOD.md section 7 asks for: there
 * are as many batches for each.
 */
final class GradientShares implements RunningScores {
  private final WorkingModel working;
  private final ParameterStore store;
  private final PlanMask mask;
  private final Predicate<Value> counted;
  private final DoubleUnaryOperator function;
  private final FlatVector product;
  private final FlatVector sums;

  /**
   * @param counted the constants of the normalised model whose elements count
   * @param function of the sum over a group, for the batch as a whole; not negative
   */
  GradientShares(
      WorkingModel working,
      ParameterStore store,
      PlanMask mask,
      Predicate<Value> counted,
      DoubleUnaryOperator function) {
    this.working = working;
    this.store = store;
    this.mask = mask;
    this.counted = counted;
    this.function = function;
    product = store.vector();
    int[] groups = new int[1];
    forEach(Importance.constant(working.blocks(), 0), (row, i) -> groups[0]++);
    sums = FlatVector.allocate(Math.max(1, groups[0]));
  }

  private interface Visitor {
    void visit(double[] row, int i);
  }

  private static void forEach(Importance importance, Visitor visitor) {
    for (Importance.Scores scores : importance.blocks()) {
      for (GroupKind kind : GroupKind.values()) {
        for (double[] row : scores.of(kind)) {
          for (int i = 0; i < row.length; i++) {
            visitor.visit(row, i);
          }
        }
      }
    }
  }

  @Override
  public void note() {
    store.weights().array().mul(store.gradients().array(), product.array());
    Importance shares =
        GroupTotals.of(working, value -> counted.test(value) ? mask.numbers(value, product) : null);
    FloatBuffer read = sums.floats();
    FloatBuffer written = sums.floats();
    forEach(shares, (row, i) -> written.put((float) (read.get() + function.applyAsDouble(row[i]))));
  }

  @Override
  public Importance take() {
    Importance scores = Importance.constant(working.blocks(), 0);
    FloatBuffer read = sums.floats();
    forEach(scores, (row, i) -> row[i] = read.get());
    sums.array().assign(0);
    return scores;
  }

  @Override
  public Map<String, FlatVector> state() {
    return Collections.singletonMap("shares", sums);
  }
}
