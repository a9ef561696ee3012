package io.gohsp.verify;

import io.gohsp.ir.Model;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.Optional;

/** Weights that make every answer useless. */
final class BadWeights {
  private BadWeights() {}

  /** Tells of the first weight with an element that is not a number. */
  static Optional<String> find(Model model) {
    return Traversal.initializersWithin(model.graph())
        .filter(value -> holdsNaN(value.constant()))
        .map(Value::name)
        .findFirst()
        .map(name -> "its weight \"" + name + "\" has elements that are NaN");
  }

  private static boolean holdsNaN(@org.jspecify.annotations.Nullable Tensor tensor) {
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
