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

  /**
   * Compares samples with what a model takes: they may have been made ready for another one.
   *
   * @throws DataException if the samples hold nothing for an input, or something of another type or
   *     with other extents after the first
   */
  public static void requireFit(Model model, Samples samples) {
    of(model)
        .forEach(
            (name, type) -> {
              NamedArrays.Field field =
                  samples.inputs().stream()
                      .filter(given -> given.name().equals(name))
                      .findFirst()
                      .orElse(null);
              if (field == null
                  || !(type instanceof ValueType.TensorType input)
                  || field.type() != input.element()
                  || !field.fits(input.shape())) {
                throw new DataException(
                    samples.dataset().size() == 0 ? "data" : samples.dataset().name(0),
                    "is ready for inputs %s, but the model takes %s, %s"
                        .formatted(samples.inputs(), name, type),
                    "make the samples ready for this model");
              }
            });
  }

  /** The batch that is built into a model with these inputs; empty if it takes any. */
  public static OptionalInt builtInBatch(Map<String, ? extends ValueType> inputs) {
    for (ValueType type : inputs.values()) {
      if (type instanceof ValueType.TensorType tensor
          && tensor.shape() != null
          && !tensor.shape().isEmpty()
          && tensor.shape().get(0).isKnown()) {
        // No machine holds more samples, so that it does not matter how many more there are.
        return OptionalInt.of((int) Math.min(Integer.MAX_VALUE, tensor.shape().get(0).value()));
      }
    }
    return OptionalInt.empty();
  }
}
