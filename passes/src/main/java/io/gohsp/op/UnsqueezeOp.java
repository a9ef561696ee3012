package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code Unsqueeze}: inserts axes of extent 1.
 *
 * @param axes positions in the result, may count from its end; null if they are computed at run
 *     time
 */
public record UnsqueezeOp(Node node, @Nullable List<Long> axes) {
  public static UnsqueezeOp of(Node node, ConstantReader constants) {
    return new UnsqueezeOp(
        node,
        node.optionalInput(1) != null
            ? constants.list(node.optionalInput(1))
            : node.intsAttribute("axes"));
  }

  /**
   * The inserted axes as positions in the result, rising; null if they are computed at run time.
   *
   * @param rank of the operand
   * @throws ModelException.Malformed if one does not exist or is named twice
   */
  public @Nullable List<Integer> axes(int rank) {
    return axes == null
        ? null
        : Axes.normalize(node, axes, rank + axes.size()).stream().sorted().toList();
  }
}
