package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code Transpose}.
 *
 * @param perm null: the axes are reversed
 */
public record TransposeOp(Node node, @Nullable List<Long> perm) {
  public static TransposeOp of(Node node) {
    return new TransposeOp(node, node.intsAttribute("perm"));
  }

  /**
   * For each axis of the result, the axis of the operand that it is.
   *
   * @throws ModelException.Malformed if {@code perm} is not a permutation of this many axes
   */
  public List<Integer> perm(int rank) {
    if (perm == null) {
      return IntStream.range(0, rank).mapToObj(i -> rank - 1 - i).toList();
    }
    if (perm.size() != rank) {
      throw Axes.malformed(node, "perm " + perm + " does not go with rank " + rank);
    }
    return Axes.normalize(node, perm, rank);
  }
}
