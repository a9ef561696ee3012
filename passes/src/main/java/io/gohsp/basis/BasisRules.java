package io.gohsp.basis;

import io.gohsp.axis.Factor;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.PadOp;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of what each operator does to a change of basis along one factor. Allowed is what
 * treats all columns alike and knows no constants along them but weights of its own: {@code f(x A)
 * = f(x) A}. An operator without a row is not linear, as far as is known, and the columns stay.
 */
final class BasisRules {
  private static final Map<OpId, BasisRule> RULES = new LinkedHashMap<>();

  static {
    // The same numbers elsewhere.
    put(BasisRules::pass, "Identity", "Cast", "CastLike", "Neg", "Reshape", "Flatten", "Squeeze");
    put(BasisRules::pass, "Unsqueeze", "Transpose", "Expand", "Tile", "Split", "Slice", "Concat");
    put(BasisRules::pass, "Gather");
    put(BasisRules::firstResult, "Dropout");
    put(BasisRules::pad, "Pad");
    put((node, from, factor, dual, spread) -> {}, "Shape", "Size"); // extents stay
    // Sums and multiples.
    put(BasisRules::sum, "Add", "Sub", "Sum", "Mean");
    put(BasisRules::choose, "Where");
    put(BasisRules::multiple, "Mul");
    put(BasisRules::quotient, "Div");
    put(BasisRules::reduce, "ReduceSum", "ReduceMean");
    // Products.
    put(BasisRules::product, "MatMul", "Gemm", "Einsum");
    putMicrosoft(BasisRules::product, "FusedMatMul");
    put(BasisRules::convolve, "Conv");
    put(BasisRules::attend, "Attention");
    putMicrosoft(BasisRules::attend, "Attention", "MultiHeadAttention");
    // Known not to be linear: these have a name for it.
    put(bound("is turned by position"), "RotaryEmbedding");
    putMicrosoft(bound("is turned by position"), "RotaryEmbedding");
    put(bound("is normalised"), "LayerNormalization", "RMSNormalization", "LpNormalization");
    put(bound("is normalised"), "SimplifiedLayerNormalization", "Softmax");
    put(bound("is normalised"), "InstanceNormalization", "ReduceL2", "ReduceSumSquare");
    putMicrosoft(bound("is normalised"), "SkipLayerNormalization");
    put(bound("is multiplied column by column"), "BatchNormalization");
    put(bound("is quantised"), "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear");
    put(bound("is quantised"), "MatMulInteger", "QLinearMatMul", "ConvInteger", "QLinearConv");
    putMicrosoft(bound("is quantised"), "QuantizeLinear", "DequantizeLinear", "MatMulNBits");
    putMicrosoft(bound("is quantised"), "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "QGemm");
    putMicrosoft(bound("is quantised"), "QAttention", "QLinearAdd", "QLinearMul");
  }

  private BasisRules() {}

  private static void put(BasisRule rule, String... types) {
    Arrays.stream(types).forEach(type -> RULES.put(OpId.of(type), rule));
  }

  private static void putMicrosoft(BasisRule rule, String... types) {
    Arrays.stream(types).forEach(type -> RULES.put(OpId.of(OpId.MICROSOFT, type), rule));
  }

  private static BasisRule bound(String reason) {
    return (node, from, factor, dual, spread) -> spread.bind(node, reason);
  }

  /** The rule of a node's operator. */
  static BasisRule of(Node node) {
    BasisRule rule = RULES.get(node.op());
    return rule == null ? bound("is no linear function of its operands") : rule;
  }

  private static boolean isOnResult(Node node, Factor factor, Spread spread) {
    return node.presentOutputs().anyMatch(out -> spread.carries(out, factor));
  }

  /** Every operand and result with the factor changes alike. */
  private static void alike(
      Node node, Stream<Value> values, Factor factor, boolean dual, Spread spread) {
    values
        .filter(value -> spread.carries(value, factor))
        .forEach(value -> spread.add(value, factor, dual, node));
  }

  private static Stream<Value> all(Node node) {
    return Stream.concat(node.presentInputs(), node.presentOutputs());
  }

  private static void pass(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (node.presentInputs().noneMatch(input -> spread.carries(input, factor))) {
      spread.bind(node, "repeats one number in all columns");
    }
    alike(node, all(node), factor, dual, spread);
  }

  /** The mask that comes second is not read at inference. */
  private static void firstResult(
      Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (node.outputs().size() > 1 && node.optionalOutput(1) != null) {
      spread.bind(node, "returns which columns it dropped");
    }
    pass(node, from, factor, dual, spread);
  }

  /** Zeroes are zeroes in any basis. */
  private static void pad(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (!PadOp.isOfZeroes(node)) {
      spread.bind(node, "is padded with other numbers than zero");
    }
    pass(node, from, factor, dual, spread);
  }

  private static void sum(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    summands(node, node.presentInputs().toList(), factor, dual, spread);
  }

  private static void choose(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (spread.carries(node.input(0), factor)) {
      spread.bind(node, "is chosen column by column");
    }
    summands(node, List.of(node.input(1), node.input(2)), factor, dual, spread);
  }

  private static void summands(
      Node node, List<Value> summands, Factor factor, boolean dual, Spread spread) {
    if (!summands.stream().allMatch(value -> spread.carries(value, factor))) {
      spread.bind(node, "adds one number to all columns");
    }
    alike(node, all(node), factor, dual, spread);
  }

  private static void multiple(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (node.presentInputs().filter(input -> spread.carries(input, factor)).count() != 1) {
      spread.bind(node, "is multiplied column by column");
    }
    alike(node, all(node), factor, dual, spread);
  }

  private static void quotient(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (spread.carries(node.input(1), factor)) {
      spread.bind(node, "is divided column by column");
    }
    pass(node, from, factor, dual, spread);
  }

  private static void reduce(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (!isOnResult(node, factor, spread)) {
      spread.bind(node, "adds up over the columns");
    }
    alike(node, all(node), factor, dual, spread);
  }

  /** x W + b, or x yT: the factor passes from one operand to the result, or both meet in it. */
  private static void product(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (node.inputs().size() == 1 || (node.inputs().size() > 2 && node.is("Einsum"))) {
      spread.bind(node, "is no product of two operands");
      return;
    }
    Value left = node.input(0);
    Value right = node.input(1);
    boolean onBoth = spread.carries(left, factor) && spread.carries(right, factor);
    if (isOnResult(node, factor, spread)) {
      @Nullable Value bias = node.optionalInput(2);
      if (onBoth) {
        spread.bind(node, "is multiplied column by column");
      } else if (bias != null && !spread.carries(bias, factor)) {
        spread.bind(node, "adds one number to all columns");
      }
      pass(node, from, factor, dual, spread);
    } else if (spread.met(node, factor).isEmpty()) { // with constant weights: one factor
      if (!onBoth || left == right) {
        spread.bind(node, "adds up over the columns");
      } else {
        spread.add(from == left ? right : left, factor, !dual, node);
      }
    } else {
      meet(node, factor, dual, spread);
    }
  }

  private static void convolve(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (node.intAttribute("group", 1) != 1) {
      spread.bind(node, "convolves in groups");
    }
    product(node, from, factor, dual, spread);
  }

  /** Queries meet keys, which may be parts of one operand; values pass to the result. */
  private static void attend(Node node, Value from, Factor factor, boolean dual, Spread spread) {
    if (isOnResult(node, factor, spread)) {
      pass(node, from, factor, dual, spread);
    } else if (spread.met(node, factor).isEmpty()) {
      spread.bind(node, "adds up over the columns");
    } else {
      meet(node, factor, dual, spread);
    }
  }

  private static void meet(Node node, Factor factor, boolean dual, Spread spread) {
    alike(node, node.presentInputs(), factor, dual, spread);
    spread
        .met(node, factor)
        .forEach(other -> alike(node, node.presentInputs(), other, !dual, spread));
  }
}
