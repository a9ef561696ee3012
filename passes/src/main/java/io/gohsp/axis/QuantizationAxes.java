package io.gohsp.axis;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Quantisation: elements pass; scales and zero points follow the axis they are given along. */
final class QuantizationAxes {
  private QuantizationAxes() {}

  static void register(AxisRules rules) {
    rules.add(QuantizationAxes::linear, "QuantizeLinear", "DequantizeLinear");
    rules.addMicrosoft(QuantizationAxes::linear, "QuantizeLinear", "DequantizeLinear");
    rules.add(QuantizationAxes::dynamic, "DynamicQuantizeLinear");
    // Operands come in threes: data, scale, zero point; both parameters are scalars.
    rules.addMicrosoft((node, axes) -> pointwise(node, axes, 0, 3), "QLinearAdd", "QLinearMul");
    rules.addMicrosoft((node, axes) -> pointwise(node, axes, 0, 1, 4), "QLinearWhere");
    rules.addMicrosoft(
        (node, axes) -> pointwise(node, axes, 0), "QLinearSigmoid", "QLinearLeakyRelu");
    rules.addMicrosoft(QuantizationAxes::softmax, "QLinearSoftmax");
    rules.addMicrosoft(QuantizationAxes::concat, "QLinearConcat");
  }

  private static void linear(Node node, Axes axes) {
    Value in = node.input(0);
    axes.unifyAll(in, node.output(), node);
    parameter(node, node.input(1), axes);
    parameter(node, node.optionalInput(2), axes);
  }

  /** One for all positions, one for each along an axis, or one for several along it. */
  private static void parameter(Node node, @Nullable Value parameter, Axes axes) {
    if (parameter == null
        || axes.rank(parameter) == 0
        || (axes.rank(parameter) == 1 && axes.isOne(parameter, 0))) {
      return; // the axis, which is 1 where nothing is said, need not exist
    }
    Value in = node.input(0);
    int along = io.gohsp.op.Axes.normalize(node, node.intAttribute("axis", 1), axes.rank(in));
    if (axes.rank(parameter) == 1) {
      axes.unify(axes.of(parameter, 0), axes.of(in, along), node);
      return;
    }
    for (int axis = 0; axis < axes.rank(in); axis++) {
      if (axis == along) {
        axes.fix(axes.of(in, axis), node, "is quantised in blocks");
        axes.fix(axes.of(parameter, axis), node, "is quantised in blocks");
      } else {
        axes.unify(axes.of(parameter, axis), axes.of(in, axis), node);
      }
    }
  }

  private static void pointwise(Node node, Axes axes, int... operands) {
    for (int operand : operands) {
      axes.broadcast(node.input(operand), node.output(), node);
    }
    scalars(node, axes, Arrays.stream(operands).boxed().toList());
  }

  private static void softmax(Node node, Axes axes) {
    Value in = node.input(0);
    axes.unifyAll(in, node.output(), node);
    long along = node.intAttribute("axis", -1);
    int first = io.gohsp.op.Axes.normalize(node, along, axes.rank(in));
    int end = node.intAttribute("opset", 13) < 13 ? axes.rank(in) : first + 1;
    for (int axis = first; axis < end; axis++) {
      axes.fix(axes.of(in, axis), node, "is normalised by a softmax");
    }
    scalars(node, axes, List.of(0));
  }

  /** Scale and zero point of the result come first, then the operands. */
  private static void concat(Node node, Axes axes) {
    Value out = node.output();
    List<Integer> operands =
        IntStream.iterate(2, i -> i < node.inputs().size(), i -> i + 3).boxed().toList();
    int along = io.gohsp.op.Axes.normalize(node, node.intAttribute("axis", 0), axes.rank(out));
    AxisLayout[] parts =
        operands.stream().map(i -> axes.of(node.input(i), along)).toArray(AxisLayout[]::new);
    axes.unify(axes.of(out, along), axes.sum(parts), node);
    for (int operand : operands) {
      for (int axis = 0; axis < axes.rank(out); axis++) {
        if (axis != along) {
          axes.unify(axes.of(node.input(operand), axis), axes.of(out, axis), node);
        }
      }
    }
    scalars(node, axes, operands);
  }

  /** Scales and zero points that are no scalars are not followed. */
  private static void scalars(Node node, Axes axes, List<Integer> operands) {
    for (int i = 0; i < node.inputs().size(); i++) {
      Value parameter = node.optionalInput(i);
      if (parameter != null && !operands.contains(i)) {
        axes.fixValue(parameter, node, "is a quantisation parameter");
      }
    }
  }

  /**
   * One scale for the whole tensor, computed from its range. The range always includes zero, so a
   * removed position counts exactly like a zero.
   */
  private static void dynamic(Node node, Axes axes) {
    axes.unifyAll(node.input(0), node.output(0), node);
  }
}
