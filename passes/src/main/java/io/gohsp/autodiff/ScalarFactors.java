package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves numbers that tensors are multiplied with next to a matrix product, where they cost nothing:
 * they become the {@code alpha} of a Gemm here, that of a MatMul in ONNX Runtime, which looks for
 * them right before and behind it and not beyond a Reshape.
 */
final class ScalarFactors {
  private ScalarFactors() {}

  static void move(Graph graph) {
    for (Node node : List.copyOf(graph.nodes())) {
      if (node.is("Mul")) {
        towardsProducer(graph, node);
      } else if (node.is("Reshape")) {
        towardsReader(node);
      }
    }
  }

  /** {@code Reshape(A B) c} becomes {@code Reshape(A B c)}. */
  private static void towardsProducer(Graph graph, Node scaling) {
    Value x = scaled(scaling);
    Node reshape = x == null ? null : onlyReadBy(x, "Reshape").orElse(null);
    Value product = reshape == null ? x : reshape.input(0);
    if (product == null) {
      return;
    }
    Optional<Node> gemm = onlyReadBy(product, "Gemm").filter(n -> n.optionalInput(2) == null);
    Value smaller;
    if (gemm.isPresent()) {
      float alpha = gemm.get().floatAttribute("alpha", 1);
      gemm.get().setAttribute(Attribute.of("alpha", alpha * number(scaling)));
      smaller = product;
    } else if (reshape != null && onlyReadBy(product, "MatMul").isPresent()) {
      smaller = GraphBuilder.before(scaling).in(scaling.name()).mul(product, factor(scaling));
    } else {
      return;
    }
    Value result =
        reshape == null
            ? smaller
            : GraphBuilder.before(scaling)
                .in(scaling.name())
                .op("Reshape", List.copyOf(reshape.attributes()), smaller, reshape.input(1));
    replace(graph, scaling.output(), result);
  }

  /** {@code Reshape(x c)} that products read becomes {@code Reshape(x) c}. */
  private static void towardsReader(Node reshape) {
    Node scaling = reshape.input(0).producer().orElse(null);
    if (scaling == null || !scaling.is("Mul") || reshape.output().isGraphOutput()) {
      return;
    }
    Value x = scaled(scaling);
    boolean products =
        reshape.output().uses().stream()
            .map(use -> use.node())
            .allMatch(reader -> reader.is("MatMul") || reader.is("Transpose"));
    if (x != null && products) {
      GraphBuilder g = GraphBuilder.before(reshape).in(reshape.name());
      Value smaller = g.op("Reshape", List.copyOf(reshape.attributes()), x, reshape.input(1));
      reshape.output().replaceAllUsesWith(g.mul(smaller, factor(scaling)));
    }
  }

  /** What a Mul multiplies with a number; null if it does not. */
  private static @Nullable Value scaled(Node mul) {
    return isNumber(mul.input(1)) ? mul.input(0) : isNumber(mul.input(0)) ? mul.input(1) : null;
  }

  private static Value factor(Node mul) {
    return isNumber(mul.input(1)) ? mul.input(1) : mul.input(0);
  }

  private static float number(Node mul) {
    return Objects.requireNonNull(ConstantValue.of(factor(mul))).floats()[0];
  }

  private static boolean isNumber(Value value) {
    Tensor constant = ConstantValue.of(value);
    return constant != null && constant.dims().length == 0 && constant.type() == ElementType.FLOAT;
  }

  private static Optional<Node> onlyReadBy(Value value, String type) {
    return value
        .producer()
        .filter(node -> node.is(type) && value.uses().size() == 1 && !value.isGraphOutput());
  }

  private static void replace(Graph graph, Value old, Value replacement) {
    old.replaceAllUsesWith(replacement);
    List<Value> outputs = graph.outputs();
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i) == old) {
        graph.setOutput(i, replacement);
      }
    }
  }
}
