package io.gohsp.op;

import io.gohsp.ir.Node;

/**
 * {@code Conv}, {@code ConvTranspose} and the quantised and fused forms.
 *
 * @param group how many groups the channels form; each sees only its own
 * @param transposed whether this is the transposed convolution, whose weight is [in, out/group,
 *     kernel...] and not [out, in/group, kernel...]
 */
public record ConvOp(Node node, long group, Window window, boolean transposed) {
  /**
   * @param spatial number of spatial axes: the rank of the operand less 2
   */
  public static ConvOp of(Node node, int spatial) {
    long group = node.intAttribute("group", 1);
    if (group < 1) {
      throw Axes.malformed(node, "group must be at least 1");
    }
    return new ConvOp(
        node, group, Window.of(node, spatial), node.op().type().startsWith("ConvTranspose"));
  }
}
