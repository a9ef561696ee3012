package io.gohsp.stream;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Switches directions of a stream off: in front of every norm stands a product with {@code T Tᵀ},
 * at full width, in the model's own channels. That is what a narrower stream must equal; nothing of
 * the model's own is touched, so it knows nothing of scales, shifts, epsilons and weights.
 */
final class StreamProjection {
  private StreamProjection() {}

  /**
   * @param twins of norms' nodes, in the model that is changed
   */
  static void run(List<Norm> norms, Frame frame, UnaryOperator<Node> twins) {
    double[] elements = frame.projection();
    long n = frame.channels();
    for (Norm norm : norms) {
      Node node = twins.apply(norm.node());
      Graph graph = node.graph();
      ElementType type = type(norm);
      Value projection =
          graph.addInitializer(
              graph.model().names().fresh("gohsp/stream"),
              Tensor.ofDoubles(ElementType.FLOAT, new long[] {n, n}, elements));
      GraphBuilder builder = GraphBuilder.before(node).in(node.name() + "_narrowed");
      Map<Value, Value> narrow = new HashMap<>();
      for (Use read : norm.reads()) {
        Node reader = twins.apply(read.node());
        Value narrowed =
            narrow.computeIfAbsent(
                reader.input(read.index()),
                input ->
                    cast(
                        builder,
                        builder.matMul(cast(builder, input, type, ElementType.FLOAT), projection),
                        ElementType.FLOAT,
                        type));
        reader.setInput(read.index(), narrowed);
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
        : builder.op("Cast", List.of(Attribute.of("to", (long) to.code())), value);
  }
}
