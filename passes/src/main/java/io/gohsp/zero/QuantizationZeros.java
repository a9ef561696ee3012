package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Zero becomes the zero point and the zero point zero, whatever the scale. */
final class QuantizationZeros {
  private QuantizationZeros() {}

  static void register(ZeroRules rules) {
    rules.add(QuantizationZeros::quantize, "QuantizeLinear");
    rules.addMicrosoft(QuantizationZeros::quantize, "QuantizeLinear");
    rules.add(QuantizationZeros::dequantize, "DequantizeLinear");
    rules.addMicrosoft(QuantizationZeros::dequantize, "DequantizeLinear");
    rules.add(QuantizationZeros::dynamic, "DynamicQuantizeLinear");
  }

  private static void quantize(Node node, Zeros zeros) {
    zeros.set(node.output(), zeros.onto(node.input(0), node.output()), node.optionalInput(2));
  }

  private static void dequantize(Node node, Zeros zeros) {
    int axis = Math.toIntExact(node.intAttribute("axis", 1));
    zeros.set(node.output(), zeros.relativeTo(node.input(0), node.optionalInput(2), axis));
  }

  private static void dynamic(Node node, Zeros zeros) {
    ZeroMask mask = readRange(node, node.input(0), zeros);
    Value out = node.optionalOutput(0);
    if (out != null) {
      zeros.set(out, mask, node.optionalOutput(2));
    }
  }

  /**
   * Records that a node takes the range of a whole tensor, so that only what is zero may go: the
   * range always includes zero, but any other value may be its end.
   */
  static @Nullable ZeroMask readRange(Node node, Value in, Zeros zeros) {
    ZeroMask mask = zeros.of(in);
    List<AxisLayout> axes = zeros.axes(in);
    if (axes != null) {
      zeros.contribute(new Contribution(node, axes, axes.size(), mask));
    }
    return mask;
  }
}
