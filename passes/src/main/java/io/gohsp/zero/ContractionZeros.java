package io.gohsp.zero;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.EinsumOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Matrix products, in floats and in integers. */
final class ContractionZeros {
  /** What FusedGemm and FusedConv may apply to their result without making something of zero. */
  private static final Set<String> KEEPS_ZERO =
      Set.of("", "Relu", "LeakyRelu", "Tanh", "Elu", "ThresholdedRelu");

  private ContractionZeros() {}

  static void register(ZeroRules rules) {
    rules.add(ContractionZeros::matMul, "MatMul");
    rules.addMicrosoft(ContractionZeros::matMul, "FusedMatMul");
    rules.add(ContractionZeros::gemm, "Gemm");
    rules.addMicrosoft(ContractionZeros::gemm, "FusedGemm");
    rules.add(ContractionZeros::einsum, "Einsum");
    rules.add(ContractionZeros::matMulInteger, "MatMulInteger");
    rules.add(ContractionZeros::qLinearMatMul, "QLinearMatMul");
    rules.addMicrosoft(ContractionZeros::matMulIntegerToFloat, "MatMulIntegerToFloat");
    rules.addMicrosoft(ContractionZeros::dynamicQuantizeMatMul, "DynamicQuantizeMatMul");
  }

  private static void matMul(Node node, Zeros zeros) {
    zeros.set(node.output(), product(node, zeros));
  }

  private static void gemm(Node node, Zeros zeros) {
    ZeroMask product = product(node, zeros);
    if (KEEPS_ZERO.contains(node.stringAttribute("activation", ""))) {
      zeros.set(node.output(), plus(product, node.optionalInput(2), node, zeros));
    }
  }

  private static @Nullable ZeroMask product(Node node, Zeros zeros) {
    return product(
        node,
        node.input(0),
        zeros.of(node.input(0)),
        node.input(1),
        zeros.of(node.input(1)),
        zeros);
  }

  /** [..., M, K] x [..., K, N]; either may be transposed, a vector lacks M or N. */
  private static @Nullable ZeroMask product(
      Node node,
      Value a,
      @Nullable ZeroMask maskA,
      Value b,
      @Nullable ZeroMask maskB,
      Zeros zeros) {
    if (zeros.axes(a) == null || zeros.axes(b) == null) {
      return null;
    }
    int rankA = zeros.dims(a).length;
    int rankB = zeros.dims(b).length;
    List<String> left = rankA == 1 ? List.of("k") : labels(node, "A", rankA, "m", "k");
    List<String> right = rankB == 1 ? List.of("k") : labels(node, "B", rankB, "k", "n");
    List<String> result = new ArrayList<>(batch(Math.max(rankA, rankB) - 2));
    if (rankA > 1) {
      result.add("m");
    }
    if (rankB > 1) {
      result.add("n");
    }
    return ProductZeros.of(node, a, maskA, left, b, maskB, right, result, zeros);
  }

  /**
   * Batch axes, rows, columns; FusedMatMul may swap the last two, and may have what then are rows
   * first of all.
   */
  private static List<String> labels(
      Node node, String operand, int rank, String row, String column) {
    boolean transposed = node.intAttribute("trans" + operand, 0) != 0;
    boolean rotated = node.intAttribute("transBatch" + operand, 0) != 0;
    List<String> labels = new ArrayList<>(batch(rank - 2));
    labels.add(rotated ? 0 : rank - 2, transposed ? column : row);
    labels.add(transposed ? row : column);
    return labels;
  }

  /** Named by their distance from the end, as broadcasting matches them. */
  private static List<String> batch(int count) {
    List<String> labels = new ArrayList<>();
    for (int i = count; i > 0; i--) {
      labels.add("batch" + i);
    }
    return labels;
  }

  /** Where the mask and a bias are zero; an absent bias is. */
  static @Nullable ZeroMask plus(
      @Nullable ZeroMask mask, @Nullable Value bias, Node node, Zeros zeros) {
    if (mask == null || bias == null) {
      return mask;
    }
    ZeroMask other = zeros.onto(bias, node.output());
    return other == null || !mask.hasDims(other.dims()) ? null : mask.and(other);
  }

  static boolean keepsZero(Node fused) {
    return KEEPS_ZERO.contains(fused.stringAttribute("activation", ""));
  }

  private static void einsum(Node node, Zeros zeros) {
    List<Value> operands = node.presentInputs().toList();
    if (operands.size() > 2 || operands.stream().anyMatch(value -> zeros.axes(value) == null)) {
      return;
    }
    EinsumOp einsum =
        EinsumOp.of(node)
            .expanded(operands.stream().map(value -> zeros.dims(value).length).toList());
    Value a = operands.get(0);
    Value b = operands.get(operands.size() - 1);
    List<String> labels = einsum.operands().get(einsum.operands().size() - 1);
    zeros.set( // a single operand: the product with itself is zero where it is
        node.output(),
        ProductZeros.of(
            node,
            a,
            zeros.of(a),
            einsum.operands().get(0),
            b,
            zeros.of(b),
            labels,
            einsum.output(),
            zeros));
  }

  private static void matMulInteger(Node node, Zeros zeros) {
    Value a = node.input(0);
    Value b = node.input(1);
    ZeroMask maskA = zeros.relativeTo(a, node.optionalInput(2), -2);
    ZeroMask maskB = zeros.relativeTo(b, node.optionalInput(3), -1);
    zeros.set(node.output(), product(node, a, maskA, b, maskB, zeros));
  }

  /** A, B, scale of A, scale of B, zero point of A, zero point of B, bias. */
  private static void matMulIntegerToFloat(Node node, Zeros zeros) {
    Value a = node.input(0);
    Value b = node.input(1);
    ZeroMask maskA = zeros.relativeTo(a, node.optionalInput(4), -2);
    ZeroMask maskB = zeros.relativeTo(b, node.optionalInput(5), -1);
    ZeroMask product = product(node, a, maskA, b, maskB, zeros);
    zeros.set(node.output(), plus(product, node.optionalInput(6), node, zeros));
  }

  /** A (in floats), B, scale of B, zero point of B, bias. */
  private static void dynamicQuantizeMatMul(Node node, Zeros zeros) {
    Value a = node.input(0);
    Value b = node.input(1);
    ZeroMask maskA = QuantizationZeros.readRange(node, a, zeros);
    ZeroMask maskB = zeros.relativeTo(b, node.optionalInput(3), -1);
    ZeroMask product = product(node, a, maskA, b, maskB, zeros);
    zeros.set(node.output(), plus(product, node.optionalInput(4), node, zeros));
  }

  /**
   * A, its scale and zero point, B, its scale and zero point, scale and zero point of the result.
   */
  private static void qLinearMatMul(Node node, Zeros zeros) {
    Value a = node.input(0);
    Value b = node.input(3);
    ZeroMask maskA = zeros.relativeTo(a, node.optionalInput(2), -2);
    ZeroMask maskB = zeros.relativeTo(b, node.optionalInput(5), -1);
    zeros.set(node.output(), product(node, a, maskA, b, maskB, zeros), node.optionalInput(7));
  }
}
