package io.gohsp.op;

import io.gohsp.ir.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code Reshape}.
 *
 * @param target as written: -1 takes what is left, 0 copies the operand's extent unless {@code
 *     allowZero}; null if it is computed at run time
 * @param allowZero whether 0 means an extent of zero
 */
public record ReshapeOp(Node node, @Nullable List<Long> target, boolean allowZero) {
  public static ReshapeOp of(Node node, ConstantReader constants) {
    List<Long> target =
        Axes.opset(node) < 5 ? node.intsAttribute("shape") : constants.list(node.input(1));
    if (target != null) {
      if (target.stream().anyMatch(extent -> extent < -1)) {
        throw Axes.malformed(node, "the target shape " + target + " has an extent below -1");
      }
      if (target.stream().filter(extent -> extent == -1).count() > 1) {
        throw Axes.malformed(
            node, "the target shape " + target + " leaves more than one extent open");
      }
    }
    return new ReshapeOp(node, target, node.intAttribute("allowzero", 0) != 0);
  }
}
