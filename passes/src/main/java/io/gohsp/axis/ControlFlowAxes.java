package io.gohsp.axis;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;

/** If: whichever branch runs, its results are the node's results. Loop and Scan have no rule. */
final class ControlFlowAxes {
  private ControlFlowAxes() {}

  static void register(AxisRules rules) {
    rules.add(ControlFlowAxes::branch, "If");
  }

  private static void branch(Node node, Axes axes) {
    for (Graph branch : node.subgraphs().toList()) {
      for (int i = 0; i < branch.outputs().size(); i++) {
        Value result = node.optionalOutput(i);
        Value returned = branch.outputs().get(i);
        if (result == null) {
          continue;
        }
        if (axes.isRanked(returned)) {
          axes.unifyAll(returned, result, node);
        } else {
          axes.fixValue(result, node, "one branch returns a value of unknown shape");
        }
      }
    }
  }
}
