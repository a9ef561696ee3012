package io.gohsp.verify;

import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
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
    return Traversal.initializersWithin(model.graph())
        .filter(value -> holdsNaN(value.constant()))
        .map(Value::name)
        .findFirst()
        .map(name -> "its weight \"" + name + "\" has elements that are NaN")
        .orElse("check the model on real inputs; all its weights are numbers");
  }

  private static boolean holdsNaN(@Nullable Tensor tensor) {
    if (tensor == null || !tensor.type().isFloating()) {
      return false;
    }
    for (float element : tensor.floats()) {
      if (Float.isNaN(element)) {
        return true;
      }
    }
    return false;
  }
}
