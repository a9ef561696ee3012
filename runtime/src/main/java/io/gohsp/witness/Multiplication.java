package io.gohsp.witness;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.EinsumOp;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A node that multiplies two operands and adds up, as its operator's specification says.
 *
 * @param left position of the first operand
 * @param right position of the second
 * @param leftAxes axes of the first that are added up over, rising; negative from the end
 * @param rightAxes the same of the second
 */
record Multiplication(
    Node node, int left, int right, List<Integer> leftAxes, List<Integer> rightAxes) {

  static @Nullable Multiplication of(Node node) {
    return switch (node.op().type()) {
      case "MatMul",
          "MatMulInteger",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul",
          "Gemm",
          "FusedGemm",
          "FusedMatMul" ->
          matrices(node, 1);
      case "QLinearMatMul", "QGemm" -> matrices(node, 3);
      case "Conv", "ConvInteger" -> channels(node, 1);
      case "QLinearConv" -> channels(node, 3);
      case "MatMulNBits" -> new Multiplication(node, 0, 1, List.of(-1), List.of());
      case "Einsum" -> einsum(node);
      default -> null;
    };
  }

  private static @Nullable Multiplication matrices(Node node, int right) {
    if (node.intAttribute("transBatchA", 0) != 0 || node.intAttribute("transBatchB", 0) != 0) {
      return null;
    }
    return new Multiplication(
        node,
        0,
        right,
        List.of(node.intAttribute("transA", 0) == 0 ? -1 : -2),
        List.of(node.intAttribute("transB", 0) == 0 ? -2 : -1));
  }

  private static @Nullable Multiplication channels(Node node, int right) {
    return node.intAttribute("group", 1) == 1
        ? new Multiplication(node, 0, right, List.of(1), List.of(1))
        : null;
  }

  private static @Nullable Multiplication einsum(Node node) {
    EinsumOp einsum = EinsumOp.of(node);
    if (einsum.operands().size() != 2
        || einsum.operands().stream().anyMatch(axes -> axes.contains(EinsumOp.ELLIPSIS))) {
      return null;
    }
    return new Multiplication(node, 0, 1, reduced(einsum, 0), reduced(einsum, 1));
  }

  private static List<Integer> reduced(EinsumOp einsum, int operand) {
    List<String> labels = einsum.operands().get(operand);
    List<String> others = einsum.operands().get(1 - operand);
    return IntStream.range(0, labels.size())
        .filter(axis -> others.contains(labels.get(axis)))
        .filter(axis -> !einsum.output().contains(labels.get(axis)))
        .boxed()
        .toList();
  }

  Value operand(int position) {
    return node.input(position);
  }

  List<Integer> axes(int position) {
    return position == left ? leftAxes : rightAxes;
  }

  /** Axes along which products are taken separately, where heads can be; of known rank. */
  List<Integer> batchAxes(int position, int rank) {
    if (!node.is("Einsum")) {
      return IntStream.range(0, rank - 2).boxed().toList();
    }
    EinsumOp einsum = EinsumOp.of(node);
    List<String> labels = einsum.operands().get(position);
    List<String> others = einsum.operands().get(1 - position);
    return IntStream.range(0, labels.size())
        .filter(axis -> others.contains(labels.get(axis)))
        .filter(axis -> einsum.output().contains(labels.get(axis)))
        .boxed()
        .toList();
  }

  int other(int position) {
    return position == left ? right : left;
  }
}
