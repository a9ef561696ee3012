package io.gohsp.stream;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Contraction.Kind;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.DataOperands;
import io.gohsp.op.LayerNormOp;
import io.gohsp.op.PadOp;
import io.gohsp.stream.Trace.Bound;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table of what each operator does to the channels of a stream. An operator without a row does
 * what is not known to fit another basis.
 */
final class StreamRules {
  /** What one operator does: reads the node, writes to the trace. */
  @FunctionalInterface
  interface Rule {
    void follow(Node node, Trace trace) throws Bound;
  }

  private static final Map<OpId, Rule> ROWS = new HashMap<>();

  /** What a scale of single channels may be moved back through. */
  private static final Set<String> LINEAR =
      Set.of(
          "Add",
          "Sub",
          "Identity",
          "Cast",
          "Reshape",
          "Squeeze",
          "Unsqueeze",
          "Transpose",
          "Dropout",
          "MatMul",
          "Gemm",
          "Conv",
          "Einsum",
          "Slice",
          "Concat",
          "Flatten");

  /** What keeps numbers in 8 bits or fewer, of any domain. */
  private static final Set<String> QUANTISED =
      Set.of(
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "MatMulInteger",
          "ConvInteger",
          "QLinearMatMul",
          "QLinearConv",
          "QGemm",
          "MatMulNBits",
          "QAttention",
          "QLinearAdd",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul");

  static {
    put(StreamRules::pass, "Identity", "Cast", "Dropout", "Reshape", "Flatten", "Squeeze");
    put(StreamRules::pass, "Unsqueeze", "Transpose", "Expand", "Tile", "Split", "Slice", "Gather");
    put(StreamRules::pass, "Concat", "Where", "ReduceMean");
    put(StreamRules::ofStream, "Neg", "ReduceSum", "AveragePool", "GlobalAveragePool");
    put(StreamRules::pad, "Pad");
    put((node, trace) -> {}, "Shape", "Size", "Constant");
    put(StreamRules::sum, "Add", "Sub", "Sum", "Mean");
    put(StreamRules::multiple, "Mul", "Div");
    put(StreamRules::layer, "MatMul", "Gemm", "Einsum", "Conv");
    put(OpId.MICROSOFT, StreamRules::layer, "FusedMatMul", "FusedGemm", "Attention");
    for (String norm : FusedNorm.operators()) {
      put(StreamRules::fusedNorm, norm);
      put(OpId.MICROSOFT, StreamRules::fusedNorm, norm);
    }
  }

  private StreamRules() {}

  private static void put(Rule rule, String... types) {
    Arrays.stream(types).forEach(type -> ROWS.put(OpId.of(type), rule));
  }

  private static void put(String domain, Rule rule, String... types) {
    Arrays.stream(types).forEach(type -> ROWS.put(OpId.of(domain, type), rule));
  }

  /** The rule of a node's operator. */
  static Rule of(Node node) {
    Rule rule = isQuantised(node) ? StreamRules::quantised : ROWS.get(node.op());
    return rule == null
        ? (n, trace) -> {
          throw new Bound(n, "is no sum, norm or linear layer of the channels");
        }
        : rule;
  }

  /** Whether a node holds channels, or numbers of layers, in 8 bits or fewer. */
  static boolean isQuantised(Node node) {
    return QUANTISED.contains(node.op().type());
  }

  static boolean isLinear(Node node) {
    return LINEAR.contains(node.op().type());
  }

  /** Channels pass; what several operands have of them must be of one kind. */
  private static void pass(Node node, Trace trace) throws Bound {
    List<Value> data = DataOperands.of(node);
    if (node.is("Where") && trace.carries(node.input(0))) {
      throw new Bound(node, "chooses channel by channel");
    }
    if (data.stream().noneMatch(trace::carries)) {
      throw new Bound(node, "repeats one number in all channels");
    }
    boolean several = data.size() > 1;
    if (several && !data.stream().allMatch(trace::carries)) {
      throw new Bound(node, "puts one number in all channels");
    }
    List<@Nullable Norm> held = trace.held(node, data);
    boolean mixed = held.stream().distinct().count() > 1;
    if (mixed && !trace.mayEnter()) {
      throw new Bound(node, "puts results of a norm beside something else");
    }
    requireResult(node, trace);
    if (mixed) {
      trace.requireStream(node, data);
    }
    trace.results(node, mixed ? null : held.get(0));
  }

  private static void requireResult(Node node, Trace trace) throws Bound {
    if (node.presentOutputs().noneMatch(trace::carries)) {
      throw new Bound(node, "takes the mean of the channels, but is no norm that is known");
    }
  }

  private static void quantised(Node node, Trace trace) throws Bound {
    throw new Bound(node, "keeps the channels or their weights in 8 bits or fewer");
  }

  /** What would treat the shift of a norm otherwise than its scale. */
  private static void ofStream(Node node, Trace trace) throws Bound {
    requireNoShift(node, trace.held(node, List.of(node.input(0))), trace);
    pass(node, trace);
  }

  private static void requireNoShift(Node node, List<@Nullable Norm> held, Trace trace)
      throws Bound {
    for (Norm norm : held) {
      if (norm != null
          && Arrays.stream(norm.shifts(trace.factor().count())).anyMatch(shift -> shift != 0)) {
        throw new Bound(node, "weighs the tokens that a norm with a shift returns");
      }
    }
  }

  private static void pad(Node node, Trace trace) throws Bound {
    if (!PadOp.isOfZeroes(node)) {
      throw new Bound(node, "pads with other numbers than zero");
    }
    ofStream(node, trace);
  }

  private static void sum(Node node, Trace trace) throws Bound {
    if (!node.presentInputs().allMatch(trace::carries)) {
      throw new Bound(node, "adds one number to all channels");
    }
    trace.requireStream(node, node.presentInputs().toList());
    trace.results(node, null);
  }

  /** By numbers that are the same for all channels, or by a scale of the branch's own. */
  private static void multiple(Node node, Trace trace) throws Bound {
    Value left = node.input(0);
    Value right = node.input(1);
    boolean both = trace.carries(left) && trace.carries(right);
    if (!both && node.is("Div") && trace.carries(right)) {
      throw new Bound(node, "divides by the channels");
    }
    if (!both) {
      List<@Nullable Norm> held = trace.held(node, List.of(left, right));
      requireNoShift(node, held, trace);
      trace.results(node, held.get(0));
      return;
    }
    Value scale = ConstantValue.of(left) != null ? left : right;
    Tensor numbers = ConstantValue.of(scale);
    if (numbers == null || numbers.size() != trace.factor().count() || node.is("Div")) {
      throw new Bound(node, "is multiplied channel by channel");
    }
    Value branch = scale == left ? right : left;
    trace.requireStream(node, List.of(branch));
    trace.constants().scaleBehind(node, branch, numbers.doubles());
    trace.constants().fill(node, scale, 1);
    trace.results(node, null);
  }

  private static void fusedNorm(Node node, Trace trace) throws Bound {
    FusedNorm norm = FusedNorm.of(node);
    int rank = Objects.requireNonNull(trace.analysis().layout(node.input(0))).size();
    if (!norm.isSkip() && LayerNormOp.of(node).axis(rank) != rank - 1) {
      throw new Bound(node, "normalises more than the channels");
    }
    for (int i = 1; i < node.outputs().size(); i++) {
      if (i != norm.form().sum() && node.optionalOutput(i) != null) {
        throw new Bound(node, "returns what it normalised by");
      }
    }
    normalise(norm, trace);
    trace.ofStream(norm.sum());
  }

  /** What a norm reads is the stream; what it does to single channels can move on. */
  static void normalise(Norm norm, Trace trace) throws Bound {
    Node node = norm.node();
    for (Use read : norm.reads()) {
      trace.requireStream(node, List.of(read.node().input(read.index())));
    }
    parameter(node, norm.scale(), 1, trace);
    parameter(node, norm.shift(), 0, trace);
    trace.norm(norm);
  }

  private static void parameter(Node node, @Nullable Value value, double number, Trace trace)
      throws Bound {
    if (value == null) {
      return;
    }
    if (ConstantValue.of(value) == null) {
      throw new Bound(node, "has a scale or shift that is computed");
    }
    if (trace.carries(value)) {
      trace.constants().fill(node, value, number);
    } else if (Arrays.stream(Objects.requireNonNull(ConstantValue.of(value)).doubles())
        .anyMatch(other -> other != number)) {
      throw new Bound(node, "scales or shifts all channels by one number");
    }
  }

  /** Writes the stream, reads what a norm returns, or mixes tokens. */
  private static void layer(Node node, Trace trace) throws Bound {
    Contraction reading = null;
    boolean products = false;
    for (Contraction contraction : trace.analysis().contractions(node)) {
      products |= contraction.kind() == Kind.ACTIVATIONS && !node.is(OpId.MICROSOFT, "Attention");
      if (has(contraction.reduced(), trace)) {
        reading = contraction;
      }
    }
    boolean writes = node.presentOutputs().anyMatch(trace::carries);
    if (reading != null && (writes || reading.kind() != Kind.WEIGHT)) {
      throw new Bound(node, "multiplies the channels with each other");
    }
    if (reading != null) {
      read(node, trace);
    } else if (products) {
      requireNoShift(node, trace.held(node, node.presentInputs().toList()), trace);
      pass(node, trace);
    } else {
      write(node, trace);
    }
  }

  private static boolean has(AxisLayout layout, Trace trace) {
    return layout.factors().anyMatch(f -> f == trace.factor());
  }

  private static void write(Node node, Trace trace) throws Bound {
    Value bias = node.inputs().size() > 2 ? node.optionalInput(2) : null;
    if (bias != null && !node.is("Einsum") && !trace.carries(bias)) {
      throw new Bound(node, "adds one number to all channels");
    }
    boolean weights =
        node.presentInputs().filter(trace::carries).allMatch(trace.analysis()::isConstant);
    List<@Nullable Norm> held = trace.held(node, node.presentInputs().toList());
    if (!weights) { // it mixes tokens
      requireNoShift(node, held, trace);
    }
    if (held.stream().distinct().count() > 1) {
      throw new Bound(node, "multiplies the channels of several values");
    }
    trace.results(node, held.get(0));
  }

  private static void read(Node node, Trace trace) throws Bound {
    Norm norm = null;
    Value weight = null;
    for (Value operand : node.presentInputs().filter(trace::carries).toList()) {
      if (trace.analysis().isConstant(operand)) {
        weight = operand;
      } else {
        norm = trace.held(node, operand);
        if (norm == null) {
          throw new Bound(node, "reads the stream without a norm before it");
        }
      }
    }
    if (norm == null || weight == null) {
      throw new Bound(node, "multiplies the channels with each other");
    }
    boolean shifts =
        Arrays.stream(norm.shifts(trace.factor().count())).anyMatch(shift -> shift != 0);
    if (shifts && !ReaderBias.isKnown(node)) {
      throw new Bound(
          node, "reads the shift of a norm with more than a weight and a bias of its own");
    }
    trace.constants().turnReader(node, weight, norm.scales(trace.factor().count()));
    trace.reader(node, norm);
  }
}
