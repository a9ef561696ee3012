package io.gohsp.verify;

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
 * How far results may be apart and still count as equal: as far as a different order of summation
 * can move them, which is all that an exact rewrite changes. For comparison: the least visible
 * mistake in the test models, six columns of one hidden layer swapped, moves their outputs by 15 %.
 *
 * @param name what it is called in reports
 * @param relative the largest difference allowed, relative to the largest magnitude of the output
 *     in that sample
 */
public record Tolerance(String name, double relative) {
  /**
   * 32-bit floats. One contraction of a few thousand terms, summed in another order, moves its
   * result by about √K · 2⁻²⁴ ≈ 4e-6 of its scale; two dozen blocks with a residual sum between
   * them add up to a few 1e-5.
   */
  public static final Tolerance FLOAT32 = new Tolerance("float32", 1e-4);

  /**
   * 16-bit IEEE floats, weights or activations. A rounding is 2⁻¹¹ ≈ 5e-4 of an element; where the
   * order of summation moves a value over a rounding boundary the result moves by one such step,
   * and about twenty of them in a row lie on the residual path of a deep model.
   */
  public static final Tolerance FLOAT16 = new Tolerance("float16", 1e-2);

  /** Brain floats: as {@link #FLOAT16} with roundings of 2⁻⁸. */
  public static final Tolerance BFLOAT16 = new Tolerance("bfloat16", 8e-2);

  /**
   * Activations quantised to 8 bits. A value moved by 1e-7 can round to the next of 255 steps;
   * downstream that looks like fresh quantisation noise, a third of a step (0.11 % of the range)
   * for each of the four contractions of a block. Over a dozen blocks that is √48 · 0.11 % ≈ 0.8 %
   * of the scale, and among thousands of outputs the largest deviation is some five times that.
   */
  public static final Tolerance QUANTIZED = new Tolerance("quantized activations", 5e-2);

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

  public Tolerance {
    if (!(relative >= 0)) {
      throw new IllegalArgumentException("not a tolerance: " + relative);
    }
  }

  /** The coarsest arithmetic a model uses decides. */
  public static Tolerance of(Model model) {
    if (Traversal.allNodes(model).anyMatch(Tolerance::quantizesActivations)) {
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
            .map(Tolerance::elementType);
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
