package io.gohsp.axis;

import io.gohsp.ir.Node;

/**
 * Operators that compute every element from the elements at the same place: all axes pass,
 * broadcasting as in numpy.
 */
final class ElementwiseAxes {
  private ElementwiseAxes() {}

  static void register(AxisRules rules) {
    rules.add(
        ElementwiseAxes::everyOperand,
        // arithmetic and comparisons
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Pow",
        "Mod",
        "Min",
        "Max",
        "Mean",
        "Sum",
        "PRelu",
        "Where",
        "And",
        "Or",
        "Xor",
        "Equal",
        "Greater",
        "GreaterOrEqual",
        "Less",
        "LessOrEqual",
        "BitwiseAnd",
        "BitwiseOr",
        "BitwiseXor",
        "BitShift",
        // of one operand
        "Identity",
        "Cast",
        "Neg",
        "Abs",
        "Sign",
        "Sqrt",
        "Exp",
        "Log",
        "Reciprocal",
        "Erf",
        "Floor",
        "Ceil",
        "Round",
        "Not",
        "BitwiseNot",
        "IsNaN",
        "IsInf",
        "Sin",
        "Cos",
        "Tan",
        "Asin",
        "Acos",
        "Atan",
        "Sinh",
        "Cosh",
        "Asinh",
        "Acosh",
        "Atanh",
        // activations
        "Relu",
        "LeakyRelu",
        "Elu",
        "Celu",
        "Selu",
        "ThresholdedRelu",
        "Sigmoid",
        "HardSigmoid",
        "HardSwish",
        "Swish",
        "Mish",
        "Tanh",
        "Softplus",
        "Softsign",
        "Gelu",
        "Shrink");
    rules.add(ElementwiseAxes::firstOperand, "Clip", "CastLike");
    rules.add(ElementwiseAxes::dropout, "Dropout");
    rules.addMicrosoft(
        ElementwiseAxes::everyOperand,
        "Gelu",
        "FastGelu",
        "BiasGelu",
        "QuickGelu",
        "BiasAdd",
        "BiasDropout");
  }

  private static void everyOperand(Node node, Axes axes) {
    node.presentInputs().forEach(input -> axes.broadcast(input, node.output(), node));
  }

  /** The other operands are bounds or an example of a type. */
  private static void firstOperand(Node node, Axes axes) {
    axes.broadcast(node.input(0), node.output(), node);
  }

  private static void dropout(Node node, Axes axes) {
    node.presentOutputs().forEach(output -> axes.unifyAll(node.input(0), output, node));
  }
}
