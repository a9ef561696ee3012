package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code Squeeze}: drops axes of extent 1.
 *
 * @param axes may count from the end; null if they are computed at run time or {@code all}
 * @param all whether every axis of extent 1 goes, because none is named
 */
public record SqueezeOp(Node node, @Nullable List<Long> axes, boolean all) {
  public static SqueezeOp of(Node node, ConstantReader constants) {
    boolean operand = node.optionalInput(1) != null;
    List<Long> axes = operand ? constants.list(node.optionalInput(1)) : node.intsAttribute("axes");
    return new SqueezeOp(node, axes, !operand && axes == null);
  }

  /**
   * The named axes of a tensor of this rank, rising; null if they are computed at run time or none
   * is named.
   *
   * @throws ModelException.Malformed if one does not exist or is named twice
   */
  public @Nullable List<Integer> axes(int rank) {
    return axes == null ? null : Axes.normalize(node, axes, rank).stream().sorted().toList();
  }
}
