package io.gohsp.op;

import io.gohsp.ir.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code TopK}.
 *
 * @param axis may count from the end
 * @param k null if it is computed at run time
 */
public record TopKOp(Node node, long axis, @Nullable Long k) {
  public static TopKOp of(Node node, ConstantReader constants) {
    if (Axes.opset(node) < 10) {
      return new TopKOp(node, node.intAttribute("axis", -1), node.intAttribute("k", 1));
    }
    List<Long> k = constants.list(node.input(1));
    if (k != null && (k.size() != 1 || k.get(0) < 0)) {
      throw Axes.malformed(node, "k should be one number, not below zero");
    }
    return new TopKOp(node, node.intAttribute("axis", -1), k == null ? null : k.get(0));
  }

  public int axis(int rank) {
    return Axes.normalize(node, axis, rank);
  }
}
