package io.gohsp.op;

import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import java.util.ArrayList;
import java.util.List;

/** Axis numbers as operators write them: those below zero count from the end. */
public final class Axes {
  private Axes() {}

  /**
   * {@code axis} counted from the front.
   *
   * @throws ModelException.Malformed if a tensor of this rank has no such axis
   */
  public static int normalize(Node node, long axis, int rank) {
    long fromFront = axis < 0 ? axis + rank : axis;
    if (fromFront < 0 || fromFront >= rank) {
      throw new ModelException.Malformed(
          node.location(), "there is no axis " + axis + " in a tensor of rank " + rank);
    }
    return (int) fromFront;
  }

  /**
   * All of {@code axes} counted from the front, in their order.
   *
   * @throws ModelException.Malformed if one does not exist or is named twice
   */
  public static List<Integer> normalize(Node node, List<Long> axes, int rank) {
    List<Integer> fromFront = new ArrayList<>();
    for (long axis : axes) {
      int normal = normalize(node, axis, rank);
      if (fromFront.contains(normal)) {
        throw new ModelException.Malformed(node.location(), "axis " + axis + " is named twice");
      }
      fromFront.add(normal);
    }
    return List.copyOf(fromFront);
  }

  /** The version of the standard operators that the node was written for. */
  static int opset(Node node) {
    return node.graph().model().opset();
  }

  static ModelException.Malformed malformed(Node node, String problem) {
    return new ModelException.Malformed(node.location(), problem);
  }
}
