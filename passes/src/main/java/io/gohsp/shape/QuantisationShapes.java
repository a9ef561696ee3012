package io.gohsp.shape;

import io.gohsp.ir.Node;
import io.gohsp.op.Axes;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators on quantised tensors. Their operands come in threes: data, scale, zero point. */
final class QuantisationShapes {
  private QuantisationShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(QuantisationShapes::quantize, "QuantizeLinear");
    rules.microsoft(QuantisationShapes::quantize, "QuantizeLinear");
    rules.standard(QuantisationShapes::dequantize, "DequantizeLinear");
    rules.microsoft(QuantisationShapes::dequantize, "DequantizeLinear");
    rules.standard(QuantisationShapes::dynamicQuantize, "DynamicQuantizeLinear");
    rules.standard(facts -> ContractionShapes.matMul(facts, 1, ElementType.INT32), "MatMulInteger");
    rules.microsoft(
        facts -> ContractionShapes.matMul(facts, 1, ElementType.INT32), "MatMulInteger16");
    rules.microsoft(
        facts -> ContractionShapes.matMul(facts, 1, ElementType.FLOAT), "DynamicQuantizeMatMul");
    rules.microsoft(
        facts -> ContractionShapes.matMul(facts, 1, facts.type(2)), "MatMulIntegerToFloat");
    rules.standard(facts -> ContractionShapes.matMul(facts, 3, facts.type(7)), "QLinearMatMul");
    rules.microsoft(facts -> ContractionShapes.gemm(facts, 3, gemmType(facts)), "QGemm");
    rules.standard(facts -> ConvolutionShapes.conv(facts, 1, ElementType.INT32), "ConvInteger");
    rules.standard(facts -> ConvolutionShapes.conv(facts, 3, facts.type(7)), "QLinearConv");
    rules.microsoft(QuantisationShapes::packedColumns, "MatMulNBits", "MatMulBnb4");
    rules.microsoft(QuantisationShapes::gatherBlocks, "GatherBlockQuantized");
    rules.microsoft(QuantisationShapes::broadcast, "QLinearAdd", "QLinearMul");
    rules.microsoft(QuantisationShapes::where, "QLinearWhere");
    rules.microsoft(
        ElementwiseShapes::like, "QLinearLeakyRelu", "QLinearSigmoid", "QLinearSoftmax");
    rules.microsoft(facts -> ReshapingShapes.concat(facts, 2, 3), "QLinearConcat");
    rules.microsoft(QuantisationShapes::pool, "QLinearAveragePool");
    rules.microsoft(QuantisationShapes::globalPool, "QLinearGlobalAveragePool");
  }

  private static void quantize(NodeFacts facts) {
    long code = facts.node().intAttribute("output_dtype", 0);
    ElementType stated = code == 0 ? ElementType.UINT8 : ElementType.of(Math.toIntExact(code));
    facts.result(facts.has(2) ? facts.type(2) : stated, facts.shape(0));
  }

  private static void dequantize(NodeFacts facts) {
    long code = facts.node().intAttribute("output_dtype", 0);
    facts.result(code == 0 ? facts.type(1) : ElementType.of(Math.toIntExact(code)), facts.shape(0));
  }

  private static void dynamicQuantize(NodeFacts facts) {
    facts.result(0, ElementType.UINT8, facts.shape(0));
    facts.result(1, ElementType.FLOAT, Shapes.SCALAR);
    facts.result(2, ElementType.UINT8, Shapes.SCALAR);
  }

  /** Without a scale for the result, it is not quantised. */
  private static @Nullable ElementType gemmType(NodeFacts facts) {
    return facts.has(7) ? facts.type(0) : ElementType.FLOAT;
  }

  /** A [..., K] and K*N weights in blocks: [..., N]. */
  private static void packedColumns(NodeFacts facts) {
    List<Size> a = facts.shape(0);
    if (a == null || a.isEmpty()) {
      facts.result(facts.type(0), null);
      return;
    }
    long inner = facts.node().intAttribute("K", -1);
    Size last = a.get(a.size() - 1);
    if (last.isKnown() && !last.is(inner)) {
      throw facts.malformed("K is " + inner + ", but the operand is " + a);
    }
    facts.result(
        facts.type(0), Shapes.with(a, a.size() - 1, Size.of(facts.node().intAttribute("N", 0))));
  }

  /** Rows of a table whose elements share bytes along the axis that is quantised in blocks. */
  private static void gatherBlocks(NodeFacts facts) {
    List<Size> table = facts.shape(0);
    List<Size> indices = facts.shape(1);
    if (table == null || indices == null) {
      facts.result(facts.type(2), null);
      return;
    }
    Node node = facts.node();
    int packed = Axes.normalize(node, node.intAttribute("quantize_axis", 1), table.size());
    int gathered = Axes.normalize(node, node.intAttribute("gather_axis", 0), table.size());
    if (facts.type(0) == ElementType.UINT8) {
      long perByte = Byte.SIZE / Math.max(1, node.intAttribute("bits", 4));
      table = Shapes.with(table, packed, table.get(packed).times(Size.of(perByte)));
    }
    List<Size> shape = new ArrayList<>(table.subList(0, gathered));
    shape.addAll(indices);
    shape.addAll(table.subList(gathered + 1, table.size()));
    facts.result(facts.type(2), List.copyOf(shape));
  }

  private static void broadcast(NodeFacts facts) {
    List<Size> a = facts.shape(0);
    List<Size> b = facts.shape(3);
    facts.result(
        facts.type(0), a == null || b == null ? null : Broadcast.shapes(facts, List.of(a, b)));
  }

  /** A condition, which is not quantised, and two data operands. */
  private static void where(NodeFacts facts) {
    facts.result(
        facts.type(1),
        Broadcast.shapes(facts, Arrays.asList(facts.shape(0), facts.shape(1), facts.shape(4))));
  }

  private static void pool(NodeFacts facts) {
    if (facts.node().intAttribute("channels_last", 0) == 0) {
      ConvolutionShapes.pool(facts);
    }
  }

  private static void globalPool(NodeFacts facts) {
    if (facts.node().intAttribute("channels_last", 0) == 0) {
      ConvolutionShapes.globalPool(facts);
    }
  }
}
