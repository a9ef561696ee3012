package io.gohsp.stream;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Objects;

/**
 * Switches directions of a stream off: in front of every norm stands a product with {@code T Tᵀ},
 * at full width, in the model's own channels. That is what a narrower stream must equal; nothing of
 * the model's own is touched, so it knows nothing of scales, shifts, epsilons and weights.
 */
final class StreamProjection {
  private StreamProjection() {}

  static void run(Trace trace, Frame frame, AxisAnalysis analysis) {
    double[] elements = frame.projection();
    long n = frame.channels();
    for (Norm norm : trace.norms()) {
      Node node = norm.node();
      Graph graph = node.graph();
      ElementType type = type(norm);
      Value projection =
          graph.addInitializer(
              graph.model().names().fresh("gohsp/stream"),
              Tensor.ofDoubles(ElementType.FLOAT, new long[] {n, n}, elements));
      for (int i = 0; i < node.inputs().size(); i++) {
        Value input = node.optionalInput(i);
        if (input != null && (i < norm.form().inputs() || input == norm.bias())) {
          GraphBuilder builder = GraphBuilder.before(node).in(input.name() + "_narrowed");
          Value real = cast(builder, input, type, ElementType.FLOAT);
          node.setInput(
              i, cast(builder, builder.matMul(real, projection), ElementType.FLOAT, type));
        }
      }
    }
  }

  /** The scale of a norm is of the type that it computes in. */
  private static ElementType type(Norm norm) {
    Value scale = norm.scale();
    return scale == null
        ? ElementType.FLOAT
        : Objects.requireNonNull(ConstantValue.of(scale)).type();
  }

  private static Value cast(GraphBuilder builder, Value value, ElementType from, ElementType to) {
    return from == to
        ? value
        : builder.op("Cast", java.util.List.of(Attribute.of("to", (long) to.code())), value);
  }
}
