package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code ReduceSum}, {@code ReduceMean} and their kin; {@code ArgMax} and {@code ArgMin} too.
 *
 * @param axes may count from the end; null if they are computed at run time or {@code all}
 * @param all whether every axis is reduced, because none is named
 * @param keepDims whether reduced axes stay, with extent 1
 */
public record ReduceOp(Node node, @Nullable List<Long> axes, boolean all, boolean keepDims) {
  public static ReduceOp of(Node node, ConstantReader constants) {
    boolean keepDims = node.intAttribute("keepdims", 1) != 0;
    if (node.op().type().startsWith("Arg")) {
      return new ReduceOp(node, List.of(node.intAttribute("axis", 0)), false, keepDims);
    }
    boolean operand = node.optionalInput(1) != null;
    List<Long> axes = operand ? constants.list(node.optionalInput(1)) : node.intsAttribute("axes");
    boolean none = operand ? axes != null && axes.isEmpty() : axes == null || axes.isEmpty();
    boolean identity = node.intAttribute("noop_with_empty_axes", 0) != 0;
    return none
        ? new ReduceOp(node, identity ? List.of() : null, !identity, keepDims)
        : new ReduceOp(node, axes, false, keepDims);
  }

  /**
   * The reduced axes of a tensor of this rank, rising; null if they are computed at run time.
   *
   * @throws ModelException.Malformed if one does not exist or is named twice
   */
  public @Nullable List<Integer> axes(int rank) {
    if (all) {
      return IntStream.range(0, rank).boxed().toList();
    }
    return axes == null ? null : Axes.normalize(node, axes, rank).stream().sorted().toList();
  }
}
