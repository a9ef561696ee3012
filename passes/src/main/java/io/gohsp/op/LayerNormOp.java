package io.gohsp.op;

import io.gohsp.ir.Node;

/**
 * {@code LayerNormalization}, {@code RMSNormalization} and their fused forms: normalises over the
 * last axes together.
 *
 * @param axis the first of them; may count from the end
 */
public record LayerNormOp(Node node, long axis, float epsilon) {
  private static final float DEFAULT_EPSILON = 1e-5f;
  private static final float FUSED_EPSILON = 1e-12f;

  public static LayerNormOp of(Node node) {
    boolean fused = node.op().type().startsWith("Skip") || node.op().type().startsWith("Embed");
    return new LayerNormOp(
        node,
        fused ? -1 : node.intAttribute("axis", -1),
        node.floatAttribute("epsilon", fused ? FUSED_EPSILON : DEFAULT_EPSILON));
  }

  public int axis(int rank) {
    return Axes.normalize(node, axis, rank);
  }
}
