package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;

/**
 * {@code Flatten}: a matrix of the axes before and from {@code axis} on.
 *
 * @param axis may count from the end, and may be the rank
 */
public record FlattenOp(Node node, long axis) {
  public static FlattenOp of(Node node) {
    return new FlattenOp(node, node.intAttribute("axis", 1));
  }

  /**
   * How many axes of a tensor of this rank become the rows.
   *
   * @throws ModelException.Malformed if there are not so many
   */
  public int axis(int rank) {
    return axis == rank ? rank : Axes.normalize(node, axis, rank);
  }
}
