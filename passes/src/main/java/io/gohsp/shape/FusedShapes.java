package io.gohsp.shape;

import io.gohsp.tensor.ElementType;
import java.util.List;

/** ONNX Runtime's elementwise fusions. */
final class FusedShapes {
  private FusedShapes() {}

  static void register(ShapeRules rules) {
    rules.microsoft(
        ElementwiseShapes::like, "BiasAdd", "BiasGelu", "FastGelu", "Gelu", "QuickGelu", "Trilu");
    rules.microsoft(FusedShapes::splitGelu, "BiasSplitGelu");
    rules.microsoft(FusedShapes::dropout, "BiasDropout", "BitmaskDropout");
  }

  /** One half of the last axis gates the other. */
  private static void splitGelu(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    if (shape != null && !shape.isEmpty()) {
      int last = shape.size() - 1;
      Size half = shape.get(last).exactlyDividedBy(Size.of(2));
      if (half == null) {
        throw facts.malformed("cannot halve the last axis of " + shape);
      }
      shape = Shapes.with(shape, last, half);
    }
    facts.result(facts.type(0), shape);
  }

  private static void dropout(NodeFacts facts) {
    ElementwiseShapes.like(facts);
    if (facts.node().is("com.microsoft", "BiasDropout")) {
      facts.result(1, ElementType.BOOL, facts.shape(0));
    }
  }
}
