package io.gohsp.op;

import io.gohsp.ir.Node;

/**
 * {@code Gather}, {@code GatherElements} and {@code ScatterElements}: reads or writes at indices
 * along one axis.
 *
 * @param axis may count from the end
 */
public record GatherOp(Node node, long axis) {
  public static GatherOp of(Node node) {
    return new GatherOp(node, node.intAttribute("axis", 0));
  }

  public int axis(int rank) {
    return Axes.normalize(node, axis, rank);
  }
}
