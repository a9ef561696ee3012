package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes one Gelu of {@code x (1 + erf(x / sqrt 2)) / 2}, in any of the orders that exporters write.
 * ONNX Runtime would do so itself, but not where the backward pass reads the parts.
 */
final class GeluParts {
  /** Exporters write the root of 2 with at least five digits. */
  private static final double CLOSE = 1e-5;

  private GeluParts() {}

  static void register() {
    Lowering.pattern(GeluParts::product, "Mul");
  }

  /** The last product of the three factors; empty for any other. */
  private static List<@Nullable Value> product(Node last, LoweringContext g) {
    for (int i = 0; i < 2; i++) {
      Node inner = onlyReadBy(last.input(i), "Mul").orElse(null);
      if (inner != null) {
        Value x = argument(List.of(inner.input(0), inner.input(1), last.input(1 - i)));
        if (x != null) {
          Attribute exact = Attribute.of("approximate", "none");
          return List.of(g.build().op("Gelu", List.of(exact), x));
        }
      }
    }
    return List.of();
  }

  /** {@code x}, if the factors are {@code x}, 1/2 and {@code 1 + erf(x / sqrt 2)}. */
  private static @Nullable Value argument(List<Value> factors) {
    for (Value factor : factors) {
      Value x = ofErf(factor);
      if (x != null
          && factors.contains(x)
          && factors.stream().anyMatch(f -> f != x && f != factor && is(f, 0.5))) {
        return x;
      }
    }
    return null;
  }

  /** {@code x} of {@code 1 + erf(x / sqrt 2)}. */
  private static @Nullable Value ofErf(Value sum) {
    Node plus = onlyReadBy(sum, "Add").orElse(null);
    if (plus == null) {
      return null;
    }
    Value value =
        is(plus.input(1), 1) ? plus.input(0) : is(plus.input(0), 1) ? plus.input(1) : null;
    Node erf = value == null ? null : onlyReadBy(value, "Erf").orElse(null);
    return erf == null ? null : scaled(erf.input(0));
  }

  /** What is divided by the root of 2. */
  private static @Nullable Value scaled(Value quotient) {
    Node node = quotient.producer().orElse(null);
    if (node == null) {
      return null;
    }
    if (node.is("Div")) {
      return is(node.input(1), Math.sqrt(2)) ? node.input(0) : null;
    }
    if (!node.is("Mul")) {
      return null;
    }
    return is(node.input(1), Math.sqrt(0.5))
        ? node.input(0)
        : is(node.input(0), Math.sqrt(0.5)) ? node.input(1) : null;
  }

  private static Optional<Node> onlyReadBy(Value value, String type) {
    return value
        .producer()
        .filter(node -> node.is(type) && value.uses().size() == 1 && !value.isGraphOutput());
  }

  private static boolean is(Value value, double number) {
    Tensor constant = ConstantValue.of(value);
    return constant != null
        && constant.type().isFloating()
        && constant.size() == 1
        && Math.abs(constant.floats()[0] - number) < CLOSE;
  }
}
