package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.Set;

/**
 * Makes a half-precision model compute in FLOAT: constants are widened, casts to half precision
 * cast to FLOAT, inputs are FLOAT. Training needs the range, CPU kernels the type, and the widened
 * constants are the master copies from which the half-precision weights are rounded afterwards.
 */
final class WidenHalves {
  private static final Set<String> TYPE_ATTRIBUTES = Set.of("to", "dtype", "stash_type");

  private WidenHalves() {}

  static void run(Model model) {
    Traversal.graphsWithin(model.graph()).forEach(WidenHalves::widen);
  }

  private static void widen(Graph graph) {
    for (Value initializer : graph.initializers()) {
      Tensor constant = initializer.constant();
      if (constant != null && isHalf(constant.type())) {
        initializer.setConstant(widened(constant));
        initializer.setType(null);
      }
    }
    graph.inputs().forEach(WidenHalves::widenDeclared);
    for (Node node : graph.nodes()) {
      node.presentOutputs().forEach(WidenHalves::widenDeclared);
      for (Attribute attribute : List.copyOf(node.attributes())) {
        if (attribute.content() instanceof Attribute.TensorValue tensor
            && isHalf(tensor.value().type())) {
          node.setAttribute(Attribute.of(attribute.name(), widened(tensor.value())));
        } else if (attribute.content() instanceof Attribute.IntValue code
            && TYPE_ATTRIBUTES.contains(attribute.name())
            && isHalf(ElementType.of((int) code.value()))) {
          node.setAttribute(Attribute.of(attribute.name(), (long) ElementType.FLOAT.code()));
        }
      }
    }
  }

  private static void widenDeclared(Value value) {
    if (value.type() instanceof ValueType.TensorType type && isHalf(type.element())) {
      value.setType(new ValueType.TensorType(ElementType.FLOAT, type.shape()));
    }
  }

  private static boolean isHalf(ElementType type) {
    return type == ElementType.FLOAT16 || type == ElementType.BFLOAT16;
  }

  private static Tensor widened(Tensor half) {
    return Tensor.ofFloats(half.dims(), half.floats());
  }
}
