package io.gohsp.branch;

import io.gohsp.ir.Node;
import java.util.Map;

/** Operators that add a branch to the stream, with how many of their first operands are added. */
final class Joining {
  private static final Map<String, Integer> ADDENDS =
      Map.of(
          "Add", 2,
          "Sum", Integer.MAX_VALUE,
          "SkipLayerNormalization", 2,
          "SkipSimplifiedLayerNormalization", 2);

  private Joining() {}

  static boolean isAddition(Node node) {
    return ADDENDS.containsKey(node.op().type());
  }

  static int addends(Node node) {
    return Math.min(node.inputs().size(), ADDENDS.get(node.op().type()));
  }
}
