package io.gohsp.cost;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.EinsumOp;
import io.gohsp.op.GemmOp;
import io.gohsp.op.MatMulOp;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Multiply-accumulates per operator: one row each. Only sums of products count, as papers do it;
 * elementwise operators, norms and softmax do not.
 */
final class MacRules {
  private static final MacRule FREE = (node, extents) -> Size.ZERO;

  /** Multiplies, but not in a way its operands' extents tell. */
  private static final MacRule UNCOUNTABLE = (node, extents) -> Extents.UNKNOWN;

  private static final Map<OpId, MacRule> ROWS = new LinkedHashMap<>();

  static {
    standard("MatMul", MacRules::matMul);
    standard("MatMulInteger", MacRules::matMul);
    standard("QLinearMatMul", MacRules::matMul);
    microsoft("FusedMatMul", MacRules::matMul);
    microsoft("FusedMatMulActivation", MacRules::matMul);
    microsoft("MatMulIntegerToFloat", MacRules::matMul);
    microsoft("DynamicQuantizeMatMul", MacRules::matMul);
    microsoft("MatMulNBits", MacRules::blockQuantised);
    microsoft("MatMulBnb4", MacRules::blockQuantised);

    standard("Gemm", MacRules::gemm);
    microsoft("FusedGemm", MacRules::gemm);
    microsoft("QGemm", MacRules::gemm);
    microsoft("GemmFloat8", MacRules::gemm);

    standard("Conv", convolution(1));
    standard("ConvInteger", convolution(1));
    standard("QLinearConv", convolution(3));
    standard("ConvTranspose", MacRules::transposedConvolution);
    microsoft("QLinearConv", convolution(3));
    microsoft("FusedConv", convolution(1));
    microsoft("NhwcFusedConv", UNCOUNTABLE);
    standard("DeformConv", convolution(1));

    standard("Einsum", MacRules::einsum);

    standard("Attention", AttentionMacs::standard);
    microsoft("Attention", AttentionMacs.packed(4));
    microsoft("QAttention", AttentionMacs.packed(8));
    microsoft("MultiHeadAttention", AttentionMacs::multiHead);
    microsoft("GroupQueryAttention", AttentionMacs::grouped);
    microsoft("PackedAttention", UNCOUNTABLE);
    microsoft("PackedMultiHeadAttention", UNCOUNTABLE);
    microsoft("DecoderMaskedMultiHeadAttention", UNCOUNTABLE);
    microsoft("LongformerAttention", UNCOUNTABLE);
    microsoft("SparseAttention", UNCOUNTABLE);
    microsoft("GatedRelativePositionBias", UNCOUNTABLE);

    standard("LSTM", MacRules::recurrent);
    standard("GRU", MacRules::recurrent);
    standard("RNN", MacRules::recurrent);
  }

  /** Operators of other origins may do anything. */
  private static final Set<String> KNOWN_DOMAINS = Set.of("", "ai.onnx.ml", OpId.MICROSOFT);

  private MacRules() {}

  private static void standard(String type, MacRule rule) {
    ROWS.put(OpId.of(type), rule);
  }

  private static void microsoft(String type, MacRule rule) {
    ROWS.put(OpId.of(OpId.MICROSOFT, type), rule);
  }

  static MacRule of(OpId op) {
    return ROWS.getOrDefault(op, KNOWN_DOMAINS.contains(op.domain()) ? FREE : UNCOUNTABLE);
  }

  /** The operators whose multiplications their operands' extents tell, or those where not. */
  static Set<OpId> operators(boolean countable) {
    Set<OpId> operators = new LinkedHashSet<>();
    ROWS.forEach(
        (op, rule) -> {
          if (rule == UNCOUNTABLE != countable) {
            operators.add(op);
          }
        });
    return Collections.unmodifiableSet(operators);
  }

  /** Whether the operator has a row. */
  static boolean counts(OpId op) {
    return ROWS.containsKey(op);
  }

  /** Each element of the result is a sum over the contracted axis. */
  private static Size matMul(Node node, Extents extents) {
    MatMulOp op = MatMulOp.of(node);
    int contracted = !op.transA() ? -1 : op.transBatchA() ? 0 : -2;
    return extents.result(node).times(extents.of(node.input(0), contracted));
  }

  /** The weight is packed; [.., K] x [K, N] -> [.., N]. */
  private static Size blockQuantised(Node node, Extents extents) {
    return extents.elements(node.input(0)).times(extents.of(node.output(), -1));
  }

  private static Size gemm(Node node, Extents extents) {
    int contracted = GemmOp.of(node).transA() ? 0 : 1;
    return extents.result(node).times(extents.of(node.input(0), contracted));
  }

  /** Each element of the result is a sum over a kernel, of weight [out, in/group, kernel...]. */
  private static MacRule convolution(int weight) {
    return (node, extents) -> extents.result(node).times(extents.elements(node.input(weight), 1));
  }

  /** Each element of the operand goes into a kernel, of weight [in, out/group, kernel...]. */
  private static Size transposedConvolution(Node node, Extents extents) {
    return extents.elements(node.input(0)).times(extents.elements(node.input(1), 1));
  }

  /**
   * All labels together, if anything is multiplied and summed; with more than two operands, all at
   * once.
   */
  private static Size einsum(Node node, Extents extents) {
    List<Integer> ranks = new ArrayList<>();
    for (Value operand : node.presentInputs().toList()) {
      if (extents.rank(operand) < 0) {
        return Extents.UNKNOWN;
      }
      ranks.add(extents.rank(operand));
    }
    EinsumOp op = EinsumOp.of(node).expanded(ranks);
    Map<String, Size> labels = new LinkedHashMap<>();
    for (int i = 0; i < ranks.size(); i++) {
      for (int axis = 0; axis < ranks.get(i); axis++) {
        Size extent = extents.of(node.input(i), axis);
        labels.merge(op.operands().get(i).get(axis), extent, (a, b) -> a.is(1) ? b : a);
      }
    }
    boolean sums = !op.output().containsAll(labels.keySet());
    return ranks.size() > 1 && sums
        ? labels.values().stream().reduce(Size.ONE, Size::times)
        : Size.ZERO;
  }

  /** Every step multiplies all of W and R: x [steps, batch, in]. */
  private static Size recurrent(Node node, Extents extents) {
    Size steps = extents.of(node.input(0), 0).times(extents.of(node.input(0), 1));
    Size weights = extents.elements(node.input(1)).plus(extents.elements(node.input(2)));
    return steps.times(weights);
  }
}
