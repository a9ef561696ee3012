package io.gohsp.op;

import io.gohsp.ir.Node;

/**
 * {@code Concat}: operands one after another along one axis.
 *
 * @param axis may count from the end
 */
public record ConcatOp(Node node, long axis) {
  public static ConcatOp of(Node node) {
    return new ConcatOp(node, axisOf(node));
  }

  private static long axisOf(Node node) {
    if (node.attribute("axis") == null && Axes.opset(node) >= 4) {
      throw Axes.malformed(node, "has no axis");
    }
    return node.intAttribute("axis", 1);
  }

  public int axis(int rank) {
    return Axes.normalize(node, axis, rank);
  }
}
