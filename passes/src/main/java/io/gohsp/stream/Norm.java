package io.gohsp.stream;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.LayerNormOp;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A norm over the channels of a stream.
 *
 * @param form how its operator lists operands
 */
record Norm(Node node, Form form) {
  /**
   * Where an operator has what.
   *
   * @param inputs how many operands, the first ones, make up the stream
   * @param scale which operand multiplies channels
   * @param shift which operand is added to channels; -1 if none can
   * @param sum which result is the stream itself; -1 if none
   * @param centred whether it takes the mean off
   */
  record Form(int inputs, int scale, int shift, int sum, boolean centred) {}

  private static final Map<String, Form> FORMS =
      Map.of(
          "LayerNormalization", new Form(1, 1, 2, -1, true),
          "RMSNormalization", new Form(1, 1, -1, -1, false),
          "SimplifiedLayerNormalization", new Form(1, 1, -1, -1, false),
          "SkipLayerNormalization", new Form(2, 2, 3, 3, true),
          "SkipSimplifiedLayerNormalization", new Form(2, 2, -1, 3, false));

  /** The operators that are norms as a whole. */
  static Iterable<String> operators() {
    return FORMS.keySet().stream().sorted().toList();
  }

  /** The norm that a node is; null if it is none. */
  static @Nullable Norm of(Node node) {
    Form form = FORMS.get(node.op().type());
    return form == null ? null : new Norm(node, form);
  }

  boolean isSkip() {
    return form.inputs() > 1;
  }

  /** The bias that a fused addition adds before the norm. */
  @Nullable Value bias() {
    int index = form.shift() >= 0 ? 4 : 3;
    return isSkip() ? node.optionalInput(index) : null;
  }

  @Nullable Value scale() {
    return node.optionalInput(form.scale());
  }

  @Nullable Value shift() {
    return form.shift() < 0 ? null : node.optionalInput(form.shift());
  }

  /** The same norm once more, without its scale and shift, at the end of the graph. */
  Value appendPlain(int channels) {
    Graph graph = node.graph();
    Value old = scale();
    Tensor scale = old == null ? null : Objects.requireNonNull(ConstantValue.of(old));
    ElementType type = scale == null ? ElementType.FLOAT : scale.type();
    List<@Nullable Value> inputs = new ArrayList<>(node.inputs());
    inputs.set(form.scale(), vector(graph, type, channels, 1));
    if (shift() != null) {
      inputs.set(form.shift(), vector(graph, type, channels, 0));
    }
    Value out = graph.newValue(graph.model().names().fresh("gohsp/plain"));
    Node copy = graph.append(node.op(), out.name(), inputs, List.of(out));
    node.attributes().forEach(copy::setAttribute);
    return out;
  }

  private static Value vector(Graph graph, ElementType type, int channels, double number) {
    double[] numbers = new double[channels];
    Arrays.fill(numbers, number);
    return graph.addInitializer(
        graph.model().names().fresh("gohsp/plain_parameter"),
        Tensor.ofDoubles(type, new long[] {channels}, numbers));
  }

  double epsilon() {
    return LayerNormOp.of(node).epsilon();
  }

  /** What channels are multiplied by. */
  double[] scales(int channels) {
    return numbers(scale(), channels, 1);
  }

  /** What is added to channels. */
  double[] shifts(int channels) {
    return numbers(shift(), channels, 0);
  }

  private static double[] numbers(@Nullable Value operand, int channels, double otherwise) {
    double[] numbers = new double[channels];
    Arrays.fill(numbers, otherwise);
    Tensor tensor = operand == null ? null : Objects.requireNonNull(ConstantValue.of(operand));
    double[] stored = tensor == null ? numbers : tensor.doubles();
    if (stored.length == 1) {
      Arrays.fill(numbers, stored[0]);
      return numbers;
    }
    return stored;
  }
}
