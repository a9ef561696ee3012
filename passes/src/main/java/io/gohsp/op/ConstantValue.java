package io.gohsp.op;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Values that a file states: initializers, and outputs of Constant nodes. */
public final class ConstantValue {
  private ConstantValue() {}

  /**
   * The contents, or null if the value is computed. An initializer that is a graph input as well
   * counts as constant: what it holds is what runs unless a caller overrides it, and nobody
   * overrides shape operands.
   */
  public static @Nullable Tensor of(Value value) {
    if (value.constant() != null) {
      return value.constant();
    }
    Node producer = value.producer().orElse(null);
    return producer != null && producer.is("Constant") ? ofNode(producer) : null;
  }

  /**
   * The contents of a Constant node; null for text, sparse tensors and attributes of an enclosing
   * function.
   */
  public static @Nullable Tensor ofNode(Node constant) {
    for (Attribute attribute : constant.attributes()) {
      Attribute.Content content = attribute.content();
      if (content instanceof Attribute.TensorValue tensor) {
        return tensor.value();
      } else if (content instanceof Attribute.IntValue number) {
        return Tensor.ofLong(number.value());
      } else if (content instanceof Attribute.IntsValue numbers) {
        return Tensor.ofLongs(numbers.values().stream().mapToLong(Long::longValue).toArray());
      } else if (content instanceof Attribute.FloatValue number) {
        return Tensor.ofFloats(ElementType.FLOAT, new long[0], number.value());
      } else if (content instanceof Attribute.FloatsValue numbers) {
        float[] values = new float[numbers.values().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = numbers.values().get(i);
        }
        return Tensor.ofFloats(new long[] {values.length}, values);
      }
    }
    return null;
  }

  /** Changes what an initializer or the output of a Constant node holds. */
  public static void replace(Value holder, Tensor contents) {
    if (holder.constant() != null) {
      holder.setConstant(contents);
      return;
    }
    Node constant = holder.producer().orElseThrow();
    constant.attributes().stream().map(Attribute::name).toList().forEach(constant::removeAttribute);
    constant.setAttribute(Attribute.of("value", contents));
  }
}
