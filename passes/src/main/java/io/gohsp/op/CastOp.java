package io.gohsp.op;

import io.gohsp.ir.Node;
import io.gohsp.tensor.ElementType;

/** {@code Cast}. */
public record CastOp(Node node, ElementType to) {
  public static CastOp of(Node node) {
    ElementType to = ElementType.of(Math.toIntExact(node.intAttribute("to", 0)));
    if (to == ElementType.UNDEFINED) {
      throw Axes.malformed(node, "casts to an unknown type");
    }
    return new CastOp(node, to);
  }
}
