package io.gohsp.op;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Which operands of an operator carry the numbers that its result is made of. The others say how:
 * shapes, axes, bounds, indices, conditions, scales and zero points. A walk upstream that follows
 * those leaves the computation: the shape that a block's queries are reshaped to is read off the
 * block before it.
 */
public final class DataOperands {
  /** Operators of which not every operand is data, with those that are. */
  private static final Map<OpId, List<Integer>> ROWS = new HashMap<>();

  private static void only(List<Integer> data, String... types) {
    for (String type : types) {
      ROWS.put(OpId.of(type), data);
      ROWS.put(OpId.of(OpId.MICROSOFT, type), data);
    }
  }

  static {
    only(List.of(), "Shape", "Size", "ConstantOfShape", "Range", "OneHot", "EyeLike", "NonZero");
    only(
        List.of(0),
        // the next operands are shapes, axes, bounds, amounts or indices
        "Reshape",
        "Expand",
        "Tile",
        "Squeeze",
        "Unsqueeze",
        "Slice",
        "Split",
        "Pad",
        "Resize",
        "Upsample",
        "Gather",
        "GatherElements",
        "GatherND",
        "TopK",
        "Trilu",
        "CumSum",
        "Compress",
        "ReduceSum",
        "ReduceMean",
        "ReduceMax",
        "ReduceMin",
        "ReduceProd",
        "ReduceL1",
        "ReduceL2",
        "ReduceLogSum",
        "ReduceLogSumExp",
        "ReduceSumSquare",
        "Clip",
        "CastLike",
        "Dropout",
        "RotaryEmbedding",
        // scales and zero points
        "QuantizeLinear",
        "DequantizeLinear",
        "QLinearSoftmax",
        "QLinearSigmoid",
        "QLinearLeakyRelu",
        "QLinearGlobalAveragePool",
        "QLinearAveragePool");
    only(List.of(1, 2), "Where");
    only(List.of(0, 1, 3), "QLinearWhere");
    only(List.of(0, 2), "ScatterElements", "ScatterND");
    only(List.of(0, 1), "MatMulInteger", "ConvInteger", "MatMulIntegerToFloat", "MatMulNBits");
    only(List.of(0, 1), "DynamicQuantizeMatMul");
    only(List.of(0, 3), "QLinearMatMul", "QLinearConv", "QGemm", "QLinearAdd", "QLinearMul");
    only(List.of(0, 1, 2), "Attention", "QAttention", "MultiHeadAttention");
  }

  private DataOperands() {}

  /** The operands that are present and carry data, in the operator's order. */
  public static List<Value> of(Node node) {
    return positions(node).stream()
        .map(node::optionalInput)
        .filter(Objects::nonNull)
        .map(Objects::requireNonNull)
        .toList();
  }

  private static List<Integer> positions(Node node) {
    int operands = node.inputs().size();
    if (node.op()
        .type()
        .equals("QLinearConcat")) { // scale and zero point of the result, then threes
      return IntStream.iterate(2, i -> i < operands, i -> i + 3).boxed().toList();
    }
    List<Integer> row = ROWS.get(node.op());
    return row == null
        ? IntStream.range(0, operands).boxed().toList()
        : row.stream().filter(i -> i < operands).toList();
  }
}
