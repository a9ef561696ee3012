package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions of one element that networks put between their linear layers. */
final class ActivationGradients {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

  private static final double LOG_SQRT_TWO_PI = Math.log(2 * Math.PI) / 2;

  /** Of the approximation {@code gelu(x) = x (1 + tanh(A (x + B x³))) / 2}. */
  private static final double TANH_A = Math.sqrt(2 / Math.PI);

  private static final double TANH_B = 0.044715;

  private ActivationGradients() {}

  static void register(GradientRules rules) {
    rules.one((node, dy, g) -> one(erf(node, dy, g)), "Erf");
    rules.one((node, dy, g) -> one(gelu(node, dy, g)), "Gelu");
    rules.one((node, dy, g) -> one(tanh(node, dy, g)), "Tanh");
    rules.one((node, dy, g) -> one(sigmoid(node, dy, g)), "Sigmoid");
    rules.one((node, dy, g) -> one(hardSigmoid(node, dy, g)), "HardSigmoid");
    rules.one((node, dy, g) -> one(hardSwish(node, dy, g)), "HardSwish");
    rules.one((node, dy, g) -> one(relu(node, dy, g)), "Relu");
    rules.one((node, dy, g) -> one(leakyRelu(node, dy, g)), "LeakyRelu");
    rules.one((node, dy, g) -> one(elu(node, dy, g)), "Elu");
    rules.one((node, dy, g) -> one(softplus(node, dy, g)), "Softplus");
  }

  private static List<@Nullable Value> one(Value gradient) {
    return Collections.singletonList(gradient);
  }

  /** {@code y = erf(x)}: {@code dx = dy exp(-x²) 2/sqrt(pi)}. */
  private static Value erf(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    return g.mul(dy, g.times(g.op("Exp", g.neg(g.mul(x, x))), TWO_OVER_SQRT_PI));
  }

  /**
   * {@code y = x P} with {@code P = (1 + erf(u)) / 2}, {@code u = x / sqrt(2)}: {@code dx = dy (P +
   * x exp(-u²) / sqrt(2 pi))}. Only {@code x} is kept from the forward pass: computing erf again
   * costs less than the forward pass would lose by not being one fused operator. Each node passes
   * over the widest activation of a network, so they are few: HardSigmoid multiplies and adds at
   * once (its limits 0 and 1 are those of {@code P}), and dividing by {@code exp(u² + log sqrt(2
   * pi))} brings the sign and the constant along.
   *
   * <p>For the approximation, with {@code t = tanh(A (x + B x³))}: {@code dx = dy/2 (1 + t + x (1 -
   * t²) A (1 + 3 B x²))}.
   */
  private static Value gelu(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    if (node.stringAttribute("approximate", "none").equals("tanh")) {
      Value square = g.mul(x, x);
      Value inner = g.mul(x, g.add(g.times(square, TANH_A * TANH_B), g.scalar(TANH_A)));
      Value slope = g.mul(x, g.add(g.times(square, 3 * TANH_A * TANH_B), g.scalar(TANH_A)));
      Value t = g.op("Tanh", inner);
      Value bend = g.mul(slope, g.sub(g.scalar(1), g.mul(t, t)));
      return g.mul(g.add(g.add(t, bend), g.scalar(1)), g.times(dy, 0.5));
    }
    Value u = g.times(x, Math.sqrt(0.5));
    Value p =
        g.op(
            "HardSigmoid",
            List.of(Attribute.of("alpha", 0.5f), Attribute.of("beta", 0.5f)),
            g.op("Erf", u));
    Value bell = g.op("Exp", g.add(g.mul(u, u), g.scalar(LOG_SQRT_TWO_PI)));
    return g.mul(dy, g.add(p, g.div(x, bell)));
  }

  /** {@code y = tanh(x)}: {@code dx = dy (1 - y²)}. */
  private static Value tanh(Node node, Value dy, GradientContext g) {
    Value y = node.output();
    return g.mul(dy, g.sub(g.scalar(1), g.mul(y, y)));
  }

  /** {@code y = sigmoid(x)}: {@code dx = dy y (1 - y)}. */
  private static Value sigmoid(Node node, Value dy, GradientContext g) {
    Value y = node.output();
    return g.mul(dy, g.mul(y, g.sub(g.scalar(1), y)));
  }

  /** {@code y = min(max(alpha x + beta, 0), 1)}: {@code dx = alpha dy} where {@code 0 < y < 1}. */
  private static Value hardSigmoid(Node node, Value dy, GradientContext g) {
    Value y = node.output();
    Value inside = g.op("And", g.op("Greater", y, g.scalar(0)), g.op("Less", y, g.scalar(1)));
    return g.gated(inside, g.times(dy, node.floatAttribute("alpha", 0.2f)));
  }

  /**
   * {@code y = x h} with {@code h = min(max(x/6 + 1/2, 0), 1)}: {@code dx = dy (h + x/6)} where
   * {@code 0 < h < 1}, {@code dy h} elsewhere.
   */
  private static Value hardSwish(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    Value sixth = g.times(x, 1.0 / 6);
    Value h =
        g.op("HardSigmoid", List.of(Attribute.of("alpha", 1f / 6), Attribute.of("beta", 0.5f)), x);
    Value inside = g.op("And", g.op("Greater", h, g.scalar(0)), g.op("Less", h, g.scalar(1)));
    return g.mul(dy, g.add(h, g.gated(inside, sixth)));
  }

  /** {@code y = max(x, 0)}: {@code dx = dy} where {@code y > 0}. */
  private static Value relu(Node node, Value dy, GradientContext g) {
    return g.gated(g.op("Greater", node.output(), g.scalar(0)), dy);
  }

  /** {@code y = x} if {@code x > 0} else {@code alpha x}: {@code dx = dy} or {@code alpha dy}. */
  private static Value leakyRelu(Node node, Value dy, GradientContext g) {
    Value positive = g.op("Greater", node.input(0), g.scalar(0));
    return g.op("Where", positive, dy, g.times(dy, node.floatAttribute("alpha", 0.01f)));
  }

  /**
   * {@code y = x} if {@code x > 0} else {@code alpha (exp(x) - 1)}: {@code dx = dy} or {@code dy (y
   * + alpha)}.
   */
  private static Value elu(Node node, Value dy, GradientContext g) {
    Value positive = g.op("Greater", node.input(0), g.scalar(0));
    Value slope = g.add(node.output(), g.scalar(node.floatAttribute("alpha", 1)));
    return g.op("Where", positive, dy, g.mul(dy, slope));
  }

  /** {@code y = log(1 + exp(x))}: {@code dx = dy sigmoid(x)}. */
  private static Value softplus(Node node, Value dy, GradientContext g) {
    return g.mul(dy, g.op("Sigmoid", node.input(0)));
  }
}
