package io.gohsp.lower;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a model without fused operators, that computes the same.
 *
 * @param model operator set {@link OperatorSetUpgrade#VERSION} or later; all floating values FLOAT
 *     or wider
 * @param values what stands for each value of the original; values inside local functions, and
 *     inside fused operators, are missing
 */
public record LoweredModel(Model model, Map<Value, Value> values) {
  /** What stands for a value of the original; null if nothing does. */
  public @Nullable Value of(Value original) {
    return values.get(original);
  }
}
