package io.gohsp.selection;

import io.gohsp.cost.Weight;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The numbers a weight stands for: integers that are read as quantised weights become {@code (q -
 * zero point) · scale}, all else is taken as it is stored.
 */
final class WeightNumbers {
  /** The scale of MatMulInteger is multiplied in by another node. */
  private static final int LATER = -2;

  /**
   * Which operands of a quantised operator say how to read another one.
   *
   * @param weight the quantised operand
   * @param scale what it is multiplied with
   * @param zeroPoint what is subtracted before
   * @param axis along which there may be several; an attribute of the node where it is null
   */
  private record Row(int weight, int scale, int zeroPoint, @Nullable Integer axis) {}

  private static final Map<OpId, Row> ROWS = new HashMap<>();

  static {
    ROWS.put(OpId.of("DequantizeLinear"), new Row(0, 1, 2, null));
    ROWS.put(OpId.of(OpId.MICROSOFT, "DequantizeLinear"), new Row(0, 1, 2, null));
    ROWS.put(OpId.of("MatMulInteger"), new Row(1, LATER, 3, -1));
    ROWS.put(OpId.of("ConvInteger"), new Row(1, LATER, 3, 0));
    ROWS.put(OpId.of("QLinearMatMul"), new Row(3, 4, 5, -1));
    ROWS.put(OpId.of("QLinearConv"), new Row(3, 4, 5, 0));
    ROWS.put(OpId.of(OpId.MICROSOFT, "QGemm"), new Row(3, 4, 5, -1));
    ROWS.put(OpId.of(OpId.MICROSOFT, "QAttention"), new Row(1, 4, 7, -1));
    ROWS.put(OpId.of(OpId.MICROSOFT, "MatMulIntegerToFloat"), new Row(1, 3, 5, -1));
    ROWS.put(OpId.of(OpId.MICROSOFT, "DynamicQuantizeMatMul"), new Row(1, 2, 3, -1));
  }

  private WeightNumbers() {}

  static float[] of(Weight weight) {
    Tensor tensor = weight.tensor();
    if (!tensor.type().isNumeric()) { // says nothing about what it is worth
      return new float[Math.toIntExact(tensor.size())];
    }
    float[] numbers = tensor.floats();
    if (!tensor.type().isInteger() && tensor.type().bits() > 8) {
      return numbers;
    }
    for (Use use : weight.value().uses()) {
      Row row = ROWS.get(use.node().op());
      if (row != null && row.weight() == use.index()) {
        Node node = use.node();
        int axis = row.axis() == null ? (int) node.intAttribute("axis", 1) : row.axis();
        int block = (int) node.intAttribute("block_size", 0);
        adjust(numbers, tensor, constant(node.optionalInput(row.zeroPoint())), axis, block, false);
        Tensor scale =
            row.scale() == LATER ? laterScale(node) : constant(node.optionalInput(row.scale()));
        adjust(numbers, tensor, scale, axis, block, true);
        break;
      }
    }
    return numbers;
  }

  private static @Nullable Tensor constant(@Nullable Value value) {
    return value == null ? null : ConstantValue.of(value);
  }

  /**
   * Behind the integer product: Cast, then Mul by (scale of the activation · scale of the weight).
   */
  private static @Nullable Tensor laterScale(Node product) {
    for (Use cast : product.output().uses()) {
      if (!cast.node().is("Cast")) {
        continue;
      }
      for (Use use : cast.node().output().uses()) {
        Value other = use.node().is("Mul") ? use.node().input(1 - use.index()) : null;
        Node scales = other == null ? null : other.producer().orElse(null);
        if (scales != null && scales.is("Mul")) {
          Tensor first = constant(scales.input(0));
          return first != null ? first : constant(scales.input(1));
        }
      }
    }
    return null;
  }

  /**
   * Subtracts or multiplies by one number, by one for each position of an axis, or by one for each
   * {@code block} positions of it. Operands of other extents are left alone: scores are no reason
   * to refuse a model.
   */
  private static void adjust(
      float[] numbers, Tensor tensor, @Nullable Tensor by, int axis, int block, boolean multiply) {
    if (by == null || !by.type().isNumeric()) {
      return;
    }
    float[] values = by.floats();
    int at = axis < 0 ? axis + tensor.rank() : axis;
    int extent = 1;
    int inner = 1;
    if (values.length > 1) {
      if (at < 0 || at >= tensor.rank()) {
        return;
      }
      extent = Math.toIntExact(tensor.dim(at));
      for (int i = at + 1; i < tensor.rank(); i++) {
        inner *= Math.toIntExact(tensor.dim(i));
      }
      boolean fits = block > 0 ? by.rank() == tensor.rank() : values.length == extent;
      if (!fits) {
        return;
      }
    }
    int perOuter = block > 0 && values.length > 1 ? Math.toIntExact(by.dim(at)) * inner : 0;
    int index = 0;
    for (int outer = 0; index < numbers.length; outer++) {
      for (int i = 0; i < extent; i++) {
        for (int k = 0; k < inner; k++, index++) {
          float value =
              values[perOuter > 0 ? outer * perOuter + i / block * inner + k : i % values.length];
          numbers[index] = multiply ? numbers[index] * value : numbers[index] - value;
        }
      }
    }
  }
}
