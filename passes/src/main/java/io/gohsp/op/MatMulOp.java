package io.gohsp.op;

import io.gohsp.ir.Node;

/**
 * {@code MatMul} and com.microsoft's {@code FusedMatMul}: {@code alpha * A' B'} of the last two
 * axes, batched over those before.
 *
 * @param transA whether the last two axes of A are swapped
 * @param transBatchA whether, before that, A's first axis moves behind its batch axes, next to the
 *     last
 */
public record MatMulOp(
    Node node,
    boolean transA,
    boolean transB,
    boolean transBatchA,
    boolean transBatchB,
    float alpha) {
  public static MatMulOp of(Node node) {
    return new MatMulOp(
        node,
        node.intAttribute("transA", 0) != 0,
        node.intAttribute("transB", 0) != 0,
        node.intAttribute("transBatchA", 0) != 0,
        node.intAttribute("transBatchB", 0) != 0,
        node.floatAttribute("alpha", 1));
  }

  /** Whether this is the plain operator: no operand is transposed. */
  public boolean isPlain() {
    return !transA && !transB && !transBatchA && !transBatchB;
  }
}
