package io.gohsp.op;

import io.gohsp.ir.Node;
import org.jspecify.annotations.Nullable;

/**
 * {@code Shape}: the extents of a range of axes.
 *
 * @param start may count from the end and lie beyond either end
 * @param end likewise; null: to the last axis
 */
public record ShapeOp(Node node, long start, @Nullable Long end) {
  public static ShapeOp of(Node node) {
    return new ShapeOp(
        node,
        node.intAttribute("start", 0),
        node.attribute("end") == null ? null : node.intAttribute("end", 0));
  }

  /** The first of the axes, of a tensor of this rank. */
  public int start(int rank) {
    return clamp(start, rank);
  }

  /** One past the last of the axes; not below {@link #start(int)}. */
  public int end(int rank) {
    return Math.max(start(rank), end == null ? rank : clamp(end, rank));
  }

  private static int clamp(long axis, int rank) {
    return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }
}
