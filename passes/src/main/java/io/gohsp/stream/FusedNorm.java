package io.gohsp.stream;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Use;
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
 * A norm that is one operator.
 *
 * @param form how its operator lists operands
 */
record FusedNorm(Node node, Form form) implements Norm {
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
  static List<String> operators() {
    return FORMS.keySet().stream().sorted().toList();
  }

  /** The norm that a node with one of these operators is. */
  static FusedNorm of(Node node) {
    return new FusedNorm(node, Objects.requireNonNull(FORMS.get(node.op().type())));
  }

  @Override
  public boolean centred() {
    return form.centred();
  }

  boolean isSkip() {
    return form.inputs() > 1;
  }

  /** The sum of what it adds up before it normalises that; null if it does not return it. */
  @Nullable Value sum() {
    return form.sum() < 0 ? null : node.optionalOutput(form.sum());
  }

  @Override
  public List<Use> reads() {
    int bias = isSkip() ? (form.shift() >= 0 ? 4 : 3) : -1;
    List<Use> reads = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if ((i < form.inputs() || i == bias) && node.optionalInput(i) != null) {
        reads.add(new Use(node, i));
      }
    }
    return reads;
  }

  @Override
  public Value result() {
    return node.output(0);
  }

  @Override
  public @Nullable Value scale() {
    return node.optionalInput(form.scale());
  }

  @Override
  public @Nullable Value shift() {
    return form.shift() < 0 ? null : node.optionalInput(form.shift());
  }

  @Override
  public double epsilon() {
    return LayerNormOp.of(node).epsilon();
  }

  @Override
  public void setEpsilon(double epsilon) {
    node.setAttribute(Attribute.of("epsilon", (float) epsilon));
  }

  /** The same norm once more, at the end of the graph. */
  @Override
  public Value plain(int channels) {
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
}
