package io.gohsp.data;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/** What a model has to be fed. */
public final class ModelInputs {
  private ModelInputs() {}

  /** The types of the inputs that have no default, in the model's order. */
  public static Map<String, ValueType> of(Model model) {
    Map<String, ValueType> inputs = new LinkedHashMap<>();
    for (Value input : model.graph().inputs()) {
      ValueType type = input.type();
      if (input.constant() == null && type != null) {
        inputs.put(input.name(), type);
      }
    }
    return inputs;
  }

  /** The batch that is built into a model with these inputs; empty if it takes any. */
  public static OptionalInt builtInBatch(Map<String, ? extends ValueType> inputs) {
    for (ValueType type : inputs.values()) {
      if (type instanceof ValueType.TensorType tensor
          && tensor.shape() != null
          && !tensor.shape().isEmpty()
          && tensor.shape().get(0).isKnown()) {
        return OptionalInt.of(Math.toIntExact(tensor.shape().get(0).value()));
      }
    }
    return OptionalInt.empty();
  }
}
