package io.gohsp.rewrite;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes calls of standard operators, spelled as the model's operator set wants them.
 *
 * <p>A builder has a place (the end of a graph, or before a node) and a scope, which begins every
 * name: in {@code /blocks.3/attn} a MatMul is called {@code /blocks.3/attn/MatMul}. {@link #in}
 * goes one scope deeper, {@link #as} chooses the whole name. Both return another builder for the
 * same place; a builder itself never changes. Names that are taken get a number.
 *
 * <p>Every operand of shape, axes or sizes is an initializer of its own, so that one node can be
 * changed later without changing another.
 */
public final class GraphBuilder {
  private static final int SIZES_ARE_OPERANDS = 13;

  private final Graph graph;
  private final @Nullable Node anchor;
  private final String scope;
  private final boolean scopeIsName;

  private GraphBuilder(Graph graph, @Nullable Node anchor, String scope, boolean scopeIsName) {
    this.graph = graph;
    this.anchor = anchor;
    this.scope = scope;
    this.scopeIsName = scopeIsName;
  }

  /** Writes at the end of {@code graph}. */
  public static GraphBuilder appendingTo(Graph graph) {
    return new GraphBuilder(graph, null, "", false);
  }

  /** Writes before {@code anchor}, in the order of the calls. */
  public static GraphBuilder before(Node anchor) {
    return new GraphBuilder(anchor.graph(), anchor, "", false);
  }

  /** The same place with {@code name} (which may itself contain slashes) added to the scope. */
  public GraphBuilder in(String name) {
    return new GraphBuilder(graph, anchor, scope + "/" + name, false);
  }

  /**
   * The same place; nodes written there are called {@code name} within the scope, not by their
   * operator.
   */
  public GraphBuilder as(String name) {
    return new GraphBuilder(graph, anchor, scope + "/" + name, true);
  }

  public Graph graph() {
    return graph;
  }

  // Constants

  /** A constant under a name of the caller's choice, which is not put into the scope. */
  public Value constant(String name, Tensor contents) {
    return graph.addInitializer(graph.model().names().fresh(name), contents);
  }

  /** A FLOAT scalar. */
  public Value scalar(float value) {
    return scalar(ElementType.FLOAT, value);
  }

  /** A scalar of a floating type. */
  public Value scalar(ElementType type, float value) {
    return constant(name("scalar"), Tensor.ofFloats(type, new long[0], value));
  }

  /** An INT64 vector. */
  public Value longs(long... values) {
    return constant(name("longs"), Tensor.ofLongs(values));
  }

  private Value operand(String type, String role, long... values) {
    return constant(name(type) + "." + role, Tensor.ofLongs(values));
  }

  // Arithmetic

  public Value add(Value a, Value b) {
    return op("Add", a, b);
  }

  public Value sub(Value a, Value b) {
    return op("Sub", a, b);
  }

  public Value mul(Value a, Value b) {
    return op("Mul", a, b);
  }

  public Value div(Value a, Value b) {
    return op("Div", a, b);
  }

  /** {@code [..., n, k] x [..., k, m] -> [..., n, m]}. */
  public Value matMul(Value a, Value b) {
    return op("MatMul", a, b);
  }

  /**
   * {@code a [n, k]} times the transpose of {@code weight [m, k]}, plus {@code bias [m]}: a linear
   * layer.
   */
  public Value linear(Value a, Value weight, Value bias) {
    return op("Gemm", List.of(Attribute.of("transB", 1L)), a, weight, bias);
  }

  /** The sum over {@code axes}; each stays with extent 1 if {@code keep}. */
  public Value reduceSum(Value x, boolean keep, long... axes) {
    return withSizes(
            "ReduceSum", "axes", axes, 1, List.of(Attribute.of("keepdims", keep ? 1L : 0L)), x)
        .get(0);
  }

  // Layout

  /** As ONNX has it: 0 keeps an extent, -1 stands for what is left over. */
  public Value reshape(Value x, long... shape) {
    return op("Reshape", x, operand("Reshape", "shape", shape));
  }

  /** Output axis {@code i} is input axis {@code permutation[i]}. */
  public Value transpose(Value x, long... permutation) {
    return op("Transpose", List.of(ints("perm", permutation)), x);
  }

  /** Parts of the given sizes along {@code axis}. */
  public List<Value> split(Value x, int axis, long... sizes) {
    return withSizes("Split", "split", sizes, sizes.length, List.of(Attribute.of("axis", axis)), x);
  }

  public Value concat(int axis, Value... parts) {
    return op("Concat", List.of(Attribute.of("axis", axis)), parts);
  }

  /** Position {@code index} of {@code axis}, which disappears. */
  public Value gather(Value x, int axis, long index) {
    Value at = constant(name("Gather") + ".index", Tensor.ofLong(index));
    return op("Gather", List.of(Attribute.of("axis", axis)), x, at);
  }

  public Value squeeze(Value x, long... axes) {
    return withSizes("Squeeze", "axes", axes, 1, List.of(), x).get(0);
  }

  public Value unsqueeze(Value x, long... axes) {
    return withSizes("Unsqueeze", "axes", axes, 1, List.of(), x).get(0);
  }

  // Layers

  /** Softmax over the last axis; the only one on which all operator sets agree. */
  public Value softmax(Value x) {
    return op("Softmax", List.of(Attribute.of("axis", -1L)), x);
  }

  /** Over the last axis; operator set 17 or later. */
  public Value layerNorm(Value x, Value scale, Value bias, float epsilon) {
    return op(
        "LayerNormalization",
        List.of(Attribute.of("axis", -1L), Attribute.of("epsilon", epsilon)),
        x,
        scale,
        bias);
  }

  /**
   * {@code x (1 + erf(x / sqrt 2)) / 2}, of a FLOAT value. ONNX Runtime fuses exactly this spelling
   * into one node; with the factor 1/2 on {@code x} it does not.
   */
  public Value gelu(Value x) {
    GraphBuilder g = in("gelu");
    Value erf = g.op("Erf", g.div(x, g.scalar((float) Math.sqrt(2))));
    return g.mul(g.mul(x, g.add(erf, g.scalar(1))), g.scalar(0.5f));
  }

  // Anything else

  /** A standard operator with one output and no attributes. */
  public Value op(String type, @Nullable Value... inputs) {
    return op(type, List.of(), inputs);
  }

  /** A standard operator with one output. */
  public Value op(String type, List<Attribute> attributes, @Nullable Value... inputs) {
    return node(OpId.of(type), attributes, 1, inputs).output();
  }

  /** Any operator; an absent input is null. */
  public Node node(OpId op, List<Attribute> attributes, int outputs, @Nullable Value... inputs) {
    String name = graph.model().names().fresh(name(op.type()));
    List<@Nullable Value> operands = Arrays.asList(inputs);
    Node node =
        anchor == null
            ? graph.append(op, name, operands, newValues(name, outputs))
            : graph.insertBefore(anchor, op, name, operands, outputs);
    attributes.forEach(node::setAttribute);
    return node;
  }

  private List<@Nullable Value> newValues(String name, int count) {
    List<@Nullable Value> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String wanted = count == 1 ? name : name + "_" + i;
      values.add(graph.newValue(graph.model().names().fresh(wanted)));
    }
    return values;
  }

  /** What an attribute said before operator set 13, an operand says since. */
  private List<Value> withSizes(
      String type, String key, long[] sizes, int outputs, List<Attribute> attributes, Value x) {
    Node node;
    if (graph.model().opset() >= SIZES_ARE_OPERANDS) {
      node = node(OpId.of(type), attributes, outputs, x, operand(type, key, sizes));
    } else {
      node = node(OpId.of(type), attributes, outputs, x);
      node.setAttribute(ints(key, sizes));
    }
    return node.presentOutputs().toList();
  }

  private static Attribute ints(String name, long[] values) {
    return Attribute.ofInts(name, Arrays.stream(values).boxed().toList());
  }

  private String name(String role) {
    return scopeIsName ? scope : scope + "/" + role;
  }
}
