package io.gohsp.axis;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;

/**
 * If: whichever branch runs, its results are the node's results; a branch that never runs says
 * nothing. Loop and Scan have no rule.
 */
final class ControlFlowAxes {
  private ControlFlowAxes() {}

  static void register(AxisRules rules) {
    rules.add(ControlFlowAxes::branch, "If");
  }

  private static void branch(Node node, Axes axes) {
    long[] condition = axes.facts().constants(node.input(0));
    String never =
        condition == null || condition.length != 1
            ? ""
            : condition[0] == 0 ? "then_branch" : "else_branch";
    for (Graph branch : node.subgraphs().toList()) {
      Attribute skipped = node.attribute(never);
      if (skipped != null
          && skipped.content() instanceof Attribute.GraphValue graph
          && graph.value() == branch) {
        continue;
      }
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
