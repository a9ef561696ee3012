package io.gohsp.op;

import io.gohsp.ir.Node;

/**
 * {@code QuantizeLinear} and {@code DequantizeLinear}.
 *
 * @param axis along which scales vary, unless there is only one scale; may count from the end
 * @param blockSize how many elements along the axis share a scale; 0: each index has its own
 */
public record QuantizeOp(Node node, long axis, long blockSize) {
  public static QuantizeOp of(Node node) {
    return new QuantizeOp(node, node.intAttribute("axis", 1), node.intAttribute("block_size", 0));
  }

  public int axis(int rank) {
    return Axes.normalize(node, axis, rank);
  }
}
