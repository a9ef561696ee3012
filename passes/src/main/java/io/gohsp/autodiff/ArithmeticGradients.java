package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arithmetic on elements; operands repeat along extents of 1. */
final class ArithmeticGradients {
  private ArithmeticGradients() {}

  static void register(GradientRules rules) {
    rules.broadcasting(ArithmeticGradients::add, "Add");
    rules.broadcasting(ArithmeticGradients::sub, "Sub");
    rules.broadcasting(ArithmeticGradients::mul, "Mul");
    rules.broadcasting(ArithmeticGradients::div, "Div");
    rules.broadcasting(ArithmeticGradients::pow, "Pow");
    rules.broadcasting(ArithmeticGradients::sum, "Sum");
    rules.broadcasting(ArithmeticGradients::mean, "Mean");
    rules.broadcasting(ArithmeticGradients::extremum, "Min", "Max");
    rules.broadcasting(ArithmeticGradients::where, "Where");
    rules.one((node, dy, g) -> Collections.singletonList(g.neg(dy)), "Neg");
    rules.one(ArithmeticGradients::sqrt, "Sqrt");
    rules.one(ArithmeticGradients::exp, "Exp");
    rules.one(ArithmeticGradients::log, "Log");
    rules.one(ArithmeticGradients::reciprocal, "Reciprocal");
    rules.one(ArithmeticGradients::abs, "Abs");
    rules.one(ArithmeticGradients::sin, "Sin");
    rules.one(ArithmeticGradients::cos, "Cos");
    rules.one((node, dy, g) -> Collections.singletonList(dy), "Identity");
    rules.one(ArithmeticGradients::cast, "Cast", "CastLike");
    rules.one(ArithmeticGradients::dropout, "Dropout");
    rules.one(ArithmeticGradients::clip, "Clip");
  }

  /** {@code y = a + b}: {@code da = dy}, {@code db = dy}. */
  private static List<@Nullable Value> add(Node node, Value dy, GradientContext g) {
    return g.both(() -> dy, () -> dy);
  }

  /** {@code y = a - b}: {@code da = dy}, {@code db = -dy}. */
  private static List<@Nullable Value> sub(Node node, Value dy, GradientContext g) {
    return g.both(() -> dy, () -> g.neg(dy));
  }

  /** {@code y = a b}: {@code da = dy b}, {@code db = dy a}. */
  private static List<@Nullable Value> mul(Node node, Value dy, GradientContext g) {
    return g.both(() -> g.mul(dy, node.input(1)), () -> g.mul(dy, node.input(0)));
  }

  /** {@code y = a / b}: {@code da = dy / b}, {@code db = -dy y / b}. */
  private static List<@Nullable Value> div(Node node, Value dy, GradientContext g) {
    Value scaled = g.div(dy, node.input(1));
    return g.both(() -> scaled, () -> g.neg(g.mul(scaled, node.output())));
  }

  /**
   * {@code y = a^b}: {@code da = dy b a^(b-1)}, {@code db = dy y log a}. Where {@code b} is the
   * number 2, {@code da = 2 dy a}.
   */
  private static List<@Nullable Value> pow(Node node, Value dy, GradientContext g) {
    Value a = node.input(0);
    Value b = node.input(1);
    return g.both(
        () -> {
          if (isTwo(b)) {
            return g.mul(dy, g.times(a, 2));
          }
          boolean sameType = g.type(b) == g.type(a);
          Value exponent = sameType ? b : g.op("CastLike", b, a);
          return g.mul(dy, g.mul(exponent, g.op("Pow", a, g.sub(exponent, g.scalar(1)))));
        },
        () -> g.mul(dy, g.mul(node.output(), g.op("Log", a))));
  }

  private static boolean isTwo(Value exponent) {
    Tensor constant = ConstantValue.of(exponent);
    return constant != null && constant.size() == 1 && constant.floats()[0] == 2;
  }

  /** {@code y = x0 + x1 + ..}: {@code dxi = dy}. */
  private static List<@Nullable Value> sum(Node node, Value dy, GradientContext g) {
    List<@Nullable Value> gradients = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      gradients.add(g.wants(i) ? dy : null);
    }
    return gradients;
  }

  /** {@code y = (x0 + x1 + ..) / n}: {@code dxi = dy / n}. */
  private static List<@Nullable Value> mean(Node node, Value dy, GradientContext g) {
    return sum(node, g.times(dy, 1.0 / node.inputs().size()), g);
  }

  /**
   * {@code y = max(x0, x1, ..)} or the least: {@code dxi = dy} where {@code xi} is the first
   * operand that equals {@code y}.
   */
  private static List<@Nullable Value> extremum(Node node, Value dy, GradientContext g) {
    List<@Nullable Value> gradients = new ArrayList<>();
    Value taken = null;
    for (int i = 0; i < node.inputs().size(); i++) {
      Value chosen = g.op("Equal", node.input(i), node.output());
      Value first = taken == null ? chosen : g.op("And", chosen, g.op("Not", taken));
      gradients.add(g.wants(i) ? g.gated(first, dy) : null);
      taken = taken == null ? chosen : g.op("Or", taken, chosen);
    }
    return gradients;
  }

  /** {@code y = c ? a : b}: {@code da = c ? dy : 0}, {@code db = c ? 0 : dy}. */
  private static List<@Nullable Value> where(Node node, Value dy, GradientContext g) {
    Value condition = node.input(0);
    List<@Nullable Value> gradients = new ArrayList<>();
    gradients.add(null);
    gradients.add(g.when(1, () -> g.gated(condition, dy)));
    gradients.add(g.when(2, () -> g.op("Where", condition, g.scalar(0), dy)));
    return gradients;
  }

  /** {@code y = sqrt(x)}: {@code dx = dy / (2 y)}. */
  private static List<@Nullable Value> sqrt(Node node, Value dy, GradientContext g) {
    return Collections.singletonList(g.div(dy, g.times(node.output(), 2)));
  }

  /** {@code y = exp(x)}: {@code dx = dy y}. */
  private static List<@Nullable Value> exp(Node node, Value dy, GradientContext g) {
    return Collections.singletonList(g.mul(dy, node.output()));
  }

  /** {@code y = log(x)}: {@code dx = dy / x}. */
  private static List<@Nullable Value> log(Node node, Value dy, GradientContext g) {
    return Collections.singletonList(g.div(dy, node.input(0)));
  }

  /** {@code y = 1 / x}: {@code dx = -dy y²}. */
  private static List<@Nullable Value> reciprocal(Node node, Value dy, GradientContext g) {
    Value y = node.output();
    return Collections.singletonList(g.neg(g.mul(dy, g.mul(y, y))));
  }

  /** {@code y = |x|}: {@code dx = dy sign(x)}. */
  private static List<@Nullable Value> abs(Node node, Value dy, GradientContext g) {
    return Collections.singletonList(g.mul(dy, g.op("Sign", node.input(0))));
  }

  /** {@code y = sin(x)}: {@code dx = dy cos(x)}. */
  private static List<@Nullable Value> sin(Node node, Value dy, GradientContext g) {
    return Collections.singletonList(g.mul(dy, g.op("Cos", node.input(0))));
  }

  /** {@code y = cos(x)}: {@code dx = -dy sin(x)}. */
  private static List<@Nullable Value> cos(Node node, Value dy, GradientContext g) {
    return Collections.singletonList(g.neg(g.mul(dy, g.op("Sin", node.input(0)))));
  }

  /** A change of type between floating types: {@code dx} is {@code dy} in the type of {@code x}. */
  private static List<@Nullable Value> cast(Node node, Value dy, GradientContext g) {
    long code = g.type(node.input(0)).code();
    return g.only(() -> g.op("Cast", List.of(Attribute.of("to", code)), dy));
  }

  /** Outside training mode {@code y = x}: {@code dx = dy}. */
  private static List<@Nullable Value> dropout(Node node, Value dy, GradientContext g) {
    Value mode = node.optionalInput(2);
    if (mode != null) {
      long[] training = g.read(mode);
      if (training == null || training[0] != 0) {
        throw g.unsupported("dropout is on", "export the model in inference mode");
      }
    }
    return Collections.singletonList(dy);
  }

  /**
   * {@code y = min(max(x, low), high)}: {@code dx = dy} where {@code y = x}. Bounds are constants.
   */
  private static List<@Nullable Value> clip(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.gated(g.op("Equal", node.input(0), node.output()), dy));
  }
}
