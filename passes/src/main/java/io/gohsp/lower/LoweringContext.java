package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantReader;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where a {@link LoweringRule} writes: before its node, named after it. */
final class LoweringContext implements ConstantReader {
  private final Node node;
  private final GraphBuilder g;
  private final ShapeFacts facts;
  private final Map<Value, Value> replaced;

  /**
   * @param replaced replacements by what they replace: shapes are known of the latter
   */
  LoweringContext(Node node, ShapeFacts facts, Map<Value, Value> replaced) {
    this.node = node;
    this.facts = facts;
    this.replaced = replaced;
    this.g = GraphBuilder.before(node).in(node.presentOutputs().findFirst().orElseThrow().name());
  }

  GraphBuilder build() {
    return g;
  }

  private Value known(Value value) {
    return replaced.getOrDefault(value, value);
  }

  /**
   * The extents of an operand.
   *
   * @throws ModelException.Unsupported if the rank is unknown
   */
  List<Size> shape(Value value) {
    List<Size> shape = facts.shape(known(value));
    if (shape == null) {
      throw unsupported("the rank of \"" + value.name() + "\" is unknown");
    }
    return shape;
  }

  /** The extents of a value, null if not even the rank is known. */
  @Nullable List<Size> knownShape(Value value) {
    return facts.shape(known(value));
  }

  /** An extent that must be a number. */
  long extent(Value value, int axis) {
    Size size = shape(value).get(axis);
    if (!size.isKnown()) {
      throw unsupported("an extent of \"" + value.name() + "\" is only known at run time");
    }
    return size.value();
  }

  ElementType type(Value value) {
    return Objects.requireNonNullElse(facts.type(known(value)), ElementType.FLOAT);
  }

  @Override
  public long @Nullable [] read(Value value) {
    return facts.constants(known(value));
  }

  ModelException.Unsupported unsupported(String problem) {
    return new ModelException.Unsupported(
        node.location(),
        "cannot be taken apart for training: " + problem,
        "export the model without fused operators");
  }

  /** Refuses nodes that read or return what the rule does not know. */
  void refuseInputs(String what, int... indices) {
    for (int index : indices) {
      if (node.optionalInput(index) != null) {
        throw unsupported(what + " (input " + index + ") is not supported");
      }
    }
  }

  Value addAll(Value first, @Nullable Value... others) {
    Value sum = first;
    for (Value other : others) {
      sum = other == null ? sum : g.add(sum, other);
    }
    return sum;
  }

  Value scaled(Value x, double factor) {
    return factor == 1 ? x : g.mul(x, g.scalar((float) factor));
  }

  Value cast(Value x, ElementType type) {
    return g.op("Cast", List.of(Attribute.of("to", (long) type.code())), x);
  }

  /** Layer normalisation over the last axis; {@code bias} may be absent. */
  Value layerNorm(Value x, Value scale, @Nullable Value bias, float epsilon) {
    return g.node(
            OpId.of("LayerNormalization"),
            List.of(Attribute.of("axis", -1L), Attribute.of("epsilon", epsilon)),
            1,
            bias == null ? new Value[] {x, scale} : new Value[] {x, scale, bias})
        .output();
  }

  /** The last two axes swapped. */
  Value swapped(Value x, int rank) {
    long[] perm = new long[rank];
    for (int i = 0; i < rank; i++) {
      perm[i] = i < rank - 2 ? i : 2L * rank - 3 - i;
    }
    return g.transpose(x, perm);
  }

  /** [B, N, heads * d] to [B, heads, N, d]. */
  Value heads(Value x, long heads) {
    return g.transpose(g.reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);
  }

  /** [B, heads, N, d] to [B, N, heads * d]. */
  Value merged(Value x) {
    return g.reshape(g.transpose(x, 0, 2, 1, 3), 0, 0, -1);
  }

  /**
   * {@code softmax(scale q kᵀ + bias) v}; all [B, heads, N, d]. The keys are turned right before
   * the product, where ONNX Runtime makes a flag of it, forward and backward.
   */
  Value attention(Value q, Value k, Value v, double scale, @Nullable Value... biases) {
    Value scores = g.matMul(scaled(q, scale), swapped(k, 4));
    return g.matMul(g.softmax(addAll(scores, biases)), v);
  }
}
