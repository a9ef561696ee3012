package io.gohsp.zero;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators that compute every element from the elements at the same place. */
final class ElementwiseZeros {
  private ElementwiseZeros() {}

  static void register(ZeroRules rules) {
    rules.add(
        ElementwiseZeros::whereAllAre,
        "Add",
        "Sub",
        "Sum",
        "Mean",
        "Min",
        "Max",
        // functions f with f(0) = 0
        "Identity",
        "Cast",
        "Neg",
        "Abs",
        "Sign",
        "Sqrt",
        "Erf",
        "Floor",
        "Ceil",
        "Round",
        "Sin",
        "Tan",
        "Asin",
        "Atan",
        "Sinh",
        "Asinh",
        "Atanh",
        "Relu",
        "LeakyRelu",
        "Elu",
        "Celu",
        "Selu",
        "ThresholdedRelu",
        "HardSwish",
        "Swish",
        "Mish",
        "Tanh",
        "Softsign",
        "Gelu");
    rules.add(ElementwiseZeros::whereAnyIs, "Mul");
    rules.add(ElementwiseZeros::whereFirstIs, "Div", "PRelu", "CastLike", "Dropout");
    rules.add(ElementwiseZeros::clip, "Clip");
    rules.add(ElementwiseZeros::pow, "Pow");
    rules.add(ElementwiseZeros::where, "Where");
    // The second operand of BiasGelu, FastGelu and BiasAdd is added first.
    rules.addMicrosoft(
        ElementwiseZeros::whereAllAre, "Gelu", "FastGelu", "BiasGelu", "QuickGelu", "BiasAdd");
  }

  private static void whereAllAre(Node node, Zeros zeros) {
    zeros.set(node.output(), all(node.presentInputs().toList(), node.output(), zeros));
  }

  private static @Nullable ZeroMask all(List<Value> operands, Value out, Zeros zeros) {
    ZeroMask result = null;
    for (Value operand : operands) {
      ZeroMask mask = zeros.onto(operand, out);
      if (mask == null) {
        return null;
      }
      result = result == null ? mask : result.and(mask);
    }
    return result;
  }

  private static void whereAnyIs(Node node, Zeros zeros) {
    ZeroMask result = null;
    for (Value operand : node.presentInputs().toList()) {
      ZeroMask mask = zeros.onto(operand, node.output());
      result = mask == null ? result : result == null ? mask : result.or(mask);
    }
    zeros.set(node.output(), result);
  }

  private static void whereFirstIs(Node node, Zeros zeros) {
    zeros.set(node.output(), zeros.onto(node.input(0), node.output()));
  }

  /** If zero lies within the bounds. */
  private static void clip(Node node, Zeros zeros) {
    Float low = bound(node.optionalInput(1), node.floatAttribute("min", Float.NEGATIVE_INFINITY));
    Float high = bound(node.optionalInput(2), node.floatAttribute("max", Float.POSITIVE_INFINITY));
    if (low != null && high != null && low <= 0 && high >= 0) {
      whereFirstIs(node, zeros);
    }
  }

  private static @Nullable Float bound(@Nullable Value operand, float fallback) {
    if (operand == null) {
      return fallback;
    }
    Tensor constant = ConstantZeros.contents(operand);
    return constant == null || constant.size() != 1 ? null : (Float) constant.floats()[0];
  }

  /** Zero to the power of something positive. */
  private static void pow(Node node, Zeros zeros) {
    Float exponent = bound(node.input(1), 0);
    if (exponent != null && exponent > 0) {
      whereFirstIs(node, zeros);
    }
  }

  private static void where(Node node, Zeros zeros) {
    zeros.set(node.output(), all(List.of(node.input(1), node.input(2)), node.output(), zeros));
  }
}
