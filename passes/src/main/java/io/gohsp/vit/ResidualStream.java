package io.gohsp.vit;

import io.gohsp.ir.Node;
import java.util.Set;

/**
 * What may lie between a block's last linear layer and the point where its result joins the
 * residual stream.
 */
final class ResidualStream {
  private static final Set<String> ADDITIONS =
      Set.of(
          "Add",
          "QLinearAdd",
          "Sum",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization",
          "Gemm",
          "FusedGemm");

  private static final Set<String> PASSING =
      Set.of(
          "Add",
          "QLinearAdd",
          "Mul",
          "QLinearMul",
          "Div",
          "Identity",
          "Cast",
          "Dropout",
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "LayerNormalization",
          "RMSNormalization",
          "SimplifiedLayerNormalization",
          "BatchNormalization",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "Sub",
          "Pow",
          "ReduceMean",
          "Sqrt",
          "ReduceSum",
          "Slice",
          "Gather",
          "Expand",
          "Sigmoid",
          "Split",
          "Flatten",
          "Concat");

  private ResidualStream() {}

  static boolean isAddition(Node node) {
    return ADDITIONS.contains(node.op().type());
  }

  /** Whether an addition is part of a norm, whose result comes first. */
  static boolean alsoNorms(Node addition) {
    return addition.op().type().startsWith("Skip");
  }

  static boolean passes(Node node) {
    return PASSING.contains(node.op().type());
  }
}
