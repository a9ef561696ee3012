package io.gohsp.op;

import io.gohsp.ir.Node;

/**
 * {@code Gemm} and com.microsoft's {@code FusedGemm}: {@code alpha * A' B' + beta * C}, matrices
 * throughout.
 */
public record GemmOp(Node node, boolean transA, boolean transB, float alpha, float beta) {
  public static GemmOp of(Node node) {
    return new GemmOp(
        node,
        node.intAttribute("transA", 0) != 0,
        node.intAttribute("transB", 0) != 0,
        node.floatAttribute("alpha", 1),
        node.floatAttribute("beta", 1));
  }
}
