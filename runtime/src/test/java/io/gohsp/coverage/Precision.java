package io.gohsp.coverage;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How far a model may be from what another library computes in single precision, by the coarsest
 * arithmetic it has, relative to the largest element of an output. For oracles alone: whether a cut
 * is right is not judged by this.
 */
final class Precision {
  static final double FLOAT32 = 1e-4;

  /** A rounding is 2⁻¹¹ of an element, and some twenty lie on the path of a deep model. */
  private static final double FLOAT16 = 1e-2;

  private static final double BFLOAT16 = 8e-2;

  /** A third of a step of 255 for each of the contractions of a dozen blocks. */
  private static final double QUANTIZED = 5e-2;

  /** Operators that round activations to 8 bits, wherever they stand. */
  private static final Set<String> QUANTIZING =
      Set.of(
          "DynamicQuantizeLinear",
          "MatMulInteger",
          "ConvInteger",
          "QLinearMatMul",
          "QLinearConv",
          "DynamicQuantizeMatMul",
          "MatMulIntegerToFloat",
          "DynamicQuantizeLSTM",
          "QAttention",
          "QGemm",
          "QLinearAdd",
          "QLinearMul",
          "QLinearSoftmax",
          "QLinearSigmoid");

  private Precision() {}

  /** The coarsest arithmetic a model uses decides. */
  static double of(Model model) {
    if (Traversal.allNodes(model).anyMatch(Precision::quantizesActivations)) {
      return QUANTIZED;
    }
    if (elementTypes(model).anyMatch(ElementType.BFLOAT16::equals)) {
      return BFLOAT16;
    }
    return elementTypes(model).anyMatch(ElementType.FLOAT16::equals) ? FLOAT16 : FLOAT32;
  }

  private static boolean quantizesActivations(Node node) {
    if (node.op().type().equals("QuantizeLinear")) {
      Value input = node.optionalInput(0);
      return input != null && input.constant() == null;
    }
    if (node.is(OpId.MICROSOFT, "MatMulNBits")) {
      return node.intAttribute("accuracy_level", 0) == 4; // int8 activations
    }
    return QUANTIZING.contains(node.op().type());
  }

  private static Stream<ElementType> elementTypes(Model model) {
    Stream<ElementType> constants =
        Traversal.graphsWithin(model.graph())
            .flatMap(graph -> Stream.concat(graph.inputs().stream(), graph.initializers().stream()))
            .map(Precision::elementType);
    Stream<ElementType> casts =
        Traversal.allNodes(model)
            .filter(node -> node.is("Cast"))
            .map(node -> ElementType.of((int) node.intAttribute("to", 0)));
    return Stream.concat(constants, casts);
  }

  private static ElementType elementType(Value value) {
    Tensor constant = value.constant();
    if (constant != null) {
      return constant.type();
    }
    return value.type() instanceof TensorType type ? type.element() : ElementType.UNDEFINED;
  }
}
