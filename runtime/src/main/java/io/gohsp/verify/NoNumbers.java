package io.gohsp.verify;

import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/** A model that answers NaN: said alike wherever it shows. */
public final class NoNumbers {
  private NoNumbers() {}

  /**
   * What to throw.
   *
   * @param model as it was read, whose weights are looked at
   * @param problem what of its answers is no number, and on which inputs
   */
  public static ModelException of(Model model, String problem) {
    return new ModelException.Unsupported(Location.of(model), problem, advice(model));
  }

  private static String advice(Model model) {
    String nan = holding(model, Double::isNaN);
    if (nan != null) {
      return "its weight \"" + nan + "\" has elements that are NaN";
    }
    String infinite = holding(model, Double::isInfinite);
    return infinite == null
        ? "check the model on real inputs; all its weights are numbers"
        : "check the model on real inputs; its weight \""
            + infinite
            + "\" has elements that are infinite";
  }

  private static @Nullable String holding(Model model, DoublePredicate kind) {
    return Traversal.initializersWithin(model.graph())
        .filter(value -> holds(value.constant(), kind))
        .map(Value::name)
        .findFirst()
        .orElse(null);
  }

  private static boolean holds(@Nullable Tensor tensor, DoublePredicate kind) {
    if (tensor == null || !tensor.type().isFloating()) {
      return false;
    }
    for (float element : tensor.floats()) {
      if (kind.test(element)) {
        return true;
      }
    }
    return false;
  }
}
