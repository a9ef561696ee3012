package io.gohsp.data;

import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a model returns, as far as labels and teachers are compared with it. */
public final class ModelOutputs {
  private static final String LOGITS = "logits";

  private ModelOutputs() {}

  /**
   * The floating outputs, in the model's order.
   *
   * @throws ModelException.Unsupported if there is none
   */
  public static List<Value> floating(Model model) {
    ShapeFacts facts = ShapeInference.of(model);
    List<Value> outputs =
        model.graph().outputs().stream()
            .filter(
                output -> {
                  ElementType type = facts.type(output);
                  return type != null && type.isFloating();
                })
            .toList();
    if (outputs.isEmpty()) {
      throw new ModelException.Unsupported(
          Location.of(model), "it has no floating output", "train a model that has one");
    }
    return outputs;
  }

  /**
   * The class scores: the first floating output if its shape is [batch, classes], otherwise one of
   * that shape whose name speaks of logits; null if there are none. A pooled vector beside hidden
   * states, as text encoders return, is none.
   *
   * @throws ModelException.Unsupported if there is no floating output
   */
  public static @Nullable Value logits(Model model) {
    ShapeFacts facts = ShapeInference.of(model);
    List<Value> outputs = floating(model);
    return outputs.stream()
        .filter(
            output -> {
              List<Size> shape = facts.shape(output);
              return shape != null && shape.size() == 2 && shape.get(1).isKnown();
            })
        .filter(
            output ->
                output == outputs.get(0) || output.name().toLowerCase(Locale.ROOT).contains(LOGITS))
        .findFirst()
        .orElse(null);
  }

  /** How many classes there are scores for. */
  public static int classes(Model model, Value logits) {
    List<Size> shape = Objects.requireNonNull(ShapeInference.of(model).shape(logits));
    return Math.toIntExact(shape.get(1).value());
  }
}
