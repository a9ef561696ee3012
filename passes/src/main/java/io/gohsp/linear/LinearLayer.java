package io.gohsp.linear;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.EinsumOp;
import io.gohsp.op.GemmOp;
import io.gohsp.op.MatMulOp;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node that computes {@code y = x W + b} along one axis, with constants W [inputs, outputs] and b
 * [outputs] that no other layer reads. An Einsum may have several axes in place of one.
 */
public final class LinearLayer implements Correctable {
  /**
   * How an operator writes it down; the activation is its first operand, the weight its second.
   *
   * @param rows how many leading axes of the weight make up its rows
   * @param outputsFirst whether rows are outputs
   * @param bias which operand is the bias; -1 if there is none
   * @param channelsSecond whether channels are axis 1 of activation and result, not the last
   */
  private record Form(int rows, boolean outputsFirst, int bias, boolean channelsSecond) {}

  /** Reads a node; null if it is not written in a way that is understood. */
  private interface Rule {
    @Nullable Form form(Node node, long[] weight);
  }

  private static final Map<OpId, Rule> RULES = new LinkedHashMap<>();

  static {
    RULES.put(OpId.of("MatMul"), LinearLayer::matMul);
    RULES.put(OpId.of(OpId.MICROSOFT, "FusedMatMul"), LinearLayer::matMul);
    RULES.put(OpId.of("Gemm"), LinearLayer::gemm);
    RULES.put(OpId.of("Conv"), LinearLayer::conv);
    RULES.put(OpId.of("Einsum"), LinearLayer::einsum);
  }

  private final Node node;
  private final Form form;
  private final StoredWeight weight;
  private final @Nullable StoredBias bias;
  private final int inputs;
  private final int outputs;

  private LinearLayer(Node node, Form form, StoredWeight weight) {
    this.node = node;
    this.form = form;
    this.weight = weight;
    long[] dims = weight.dims();
    int rows = product(dims, 0, form.rows());
    int columns = product(dims, form.rows(), dims.length);
    this.inputs = form.outputsFirst() ? columns : rows;
    this.outputs = form.outputsFirst() ? rows : columns;
    this.bias =
        StoredBias.of(node, form.bias(), form.channelsSecond() ? dims.length - 2 : 0, outputs);
  }

  /**
   * Reads a node as a linear layer.
   *
   * @throws ModelException.Unsupported if it is none, or its weight is not its own real numbers
   */
  public static LinearLayer of(Node node) {
    Rule rule = RULES.get(node.op());
    if (rule == null || node.inputs().size() < 2) {
      throw StoredWeight.unsupported(node, "is not known as a linear layer of real numbers");
    }
    StoredWeight weight = StoredWeight.of(node, node.input(1));
    Form form = rule.form(node, weight.dims());
    if (form == null || (weight.turned() && form.rows() != 1)) {
      throw StoredWeight.unsupported(node, "is written in a way that is not understood");
    }
    return new LinearLayer(node, form, weight);
  }

  /** Likewise; empty where that fails. */
  public static Optional<LinearLayer> find(Node node) {
    try {
      return Optional.of(of(node));
    } catch (ModelException.Unsupported e) {
      return Optional.empty();
    }
  }

  private static int product(long[] dims, int from, int to) {
    return Math.toIntExact(Arrays.stream(dims, from, to).reduce(1, Math::multiplyExact));
  }

  private static @Nullable Form matMul(Node node, long[] weight) {
    MatMulOp op = MatMulOp.of(node);
    boolean plain = !op.transA() && !op.transBatchA() && !op.transBatchB() && op.alpha() == 1;
    return plain && weight.length == 2 ? new Form(1, op.transB(), -1, false) : null;
  }

  private static @Nullable Form gemm(Node node, long[] weight) {
    GemmOp op = GemmOp.of(node);
    boolean plain = !op.transA() && op.alpha() == 1 && op.beta() == 1;
    return plain && weight.length == 2 ? new Form(1, op.transB(), 2, false) : null;
  }

  /** Pointwise, so that it reads each position of the activation once. */
  private static @Nullable Form conv(Node node, long[] weight) {
    boolean pointwise =
        weight.length > 2
            && Arrays.stream(weight).skip(2).allMatch(extent -> extent == 1)
            && node.intAttribute("group", 1) == 1
            && isEverywhere(node, "strides", 1)
            && isEverywhere(node, "pads", 0);
    return pointwise ? new Form(1, true, 2, true) : null;
  }

  private static boolean isEverywhere(Node node, String attribute, long value) {
    List<Long> numbers = node.intsAttribute(attribute);
    return numbers == null || numbers.stream().allMatch(number -> number == value);
  }

  /** As in {@code bqhd,hde->bqe}: what is added up over ends the one and begins the other. */
  private static @Nullable Form einsum(Node node, long[] weight) {
    EinsumOp op = EinsumOp.of(node);
    if (op.operands().size() != 2) {
      return null;
    }
    List<String> left = op.operands().get(0);
    List<String> right = op.operands().get(1);
    long shared = right.stream().filter(left::contains).count();
    int rows = Math.toIntExact(shared);
    List<String> free = right.subList(rows, right.size());
    boolean understood =
        rows > 0
            && !right.contains(EinsumOp.ELLIPSIS)
            && right.size() == weight.length
            && left.size() >= rows
            && left.subList(left.size() - rows, left.size()).equals(right.subList(0, rows))
            && op.output().equals(concat(left.subList(0, left.size() - rows), free));
    return understood ? new Form(rows, false, -1, false) : null;
  }

  private static List<String> concat(List<String> a, List<String> b) {
    return Stream.concat(a.stream(), b.stream()).toList();
  }

  public Node node() {
    return node;
  }

  /** x, with channels on its last axes, or on axis 1 if {@link #channelsSecond}. */
  public Value input() {
    return node.input(0);
  }

  @Override
  public Value output() {
    return node.output();
  }

  @Override
  public int inputs() {
    return inputs;
  }

  @Override
  public int outputs() {
    return outputs;
  }

  @Override
  public boolean channelsSecond() {
    return form.channelsSecond();
  }

  @Override
  public Activation read() {
    return Activation.of(this);
  }

  @Override
  public boolean hasWeight() {
    return true;
  }

  @Override
  public boolean hasBias() {
    return bias != null;
  }

  /** The constant that holds the bias, if there is one that {@link #add} can change. */
  public @Nullable Value storedBias() {
    return bias == null ? null : bias.reader().input(bias.index());
  }

  /** The weight, [inputs, outputs] row by row. */
  public double[] weights() {
    double[] stored = weight.numbers();
    double[] weights = new double[stored.length];
    for (int i = 0; i < inputs; i++) {
      for (int o = 0; o < outputs; o++) {
        weights[i * outputs + o] = stored[place(i, o)];
      }
    }
    return weights;
  }

  /** The constant that holds the weight. */
  public Value stored() {
    return weight.holder();
  }

  /** Whether it holds the weight as [inputs, outputs], not as [outputs, inputs]. */
  public boolean isStoredByInputs() {
    return form.outputsFirst() == weight.turned();
  }

  private int place(int input, int output) {
    return form.outputsFirst() ? output * inputs + input : input * outputs + output;
  }

  @Override
  public void add(double[] weights, double[] biases) {
    double[] placed = new double[weights.length];
    for (int i = 0; i < inputs; i++) {
      for (int o = 0; o < outputs; o++) {
        placed[place(i, o)] = weights[i * outputs + o];
      }
    }
    weight.add(placed);
    if (bias != null) {
      bias.add(biases);
    }
  }

  /**
   * Adds to the bias alone, rounded to the type it is stored in.
   *
   * @param biases [outputs]
   * @throws IllegalStateException if there is no bias
   */
  public void addBias(double[] biases) {
    if (bias == null) {
      throw new IllegalStateException(node + " has no bias");
    }
    bias.add(biases);
  }
}
