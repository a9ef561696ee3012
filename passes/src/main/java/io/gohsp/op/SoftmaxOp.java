package io.gohsp.op;

import io.gohsp.ir.Node;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code Softmax}, {@code LogSoftmax}, {@code Hardmax}.
 *
 * @param axis may count from the end
 * @param flattened before operator set 13: all axes from {@code axis} on are normalised over
 *     together
 */
public record SoftmaxOp(Node node, long axis, boolean flattened) {
  public static SoftmaxOp of(Node node) {
    boolean flattened = node.op().domain().isEmpty() && Axes.opset(node) < 13;
    return new SoftmaxOp(node, node.intAttribute("axis", flattened ? 1 : -1), flattened);
  }

  /** The axes normalised over, of a tensor of this rank; more than one only if flattened. */
  public List<Integer> axes(int rank) {
    if (flattened && axis == rank) { // the matrix is then a column: each element alone
      return List.of();
    }
    int first = Axes.normalize(node, axis, rank);
    return flattened ? IntStream.range(first, rank).boxed().toList() : List.of(first);
  }
}
