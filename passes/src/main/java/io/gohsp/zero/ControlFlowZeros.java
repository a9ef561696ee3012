package io.gohsp.zero;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;

/** If: a result is zero where it is in every branch. */
final class ControlFlowZeros {
  private ControlFlowZeros() {}

  static void register(ZeroRules rules) {
    rules.add(ControlFlowZeros::branch, "If");
  }

  private static void branch(Node node, Zeros zeros) {
    for (int i = 0; i < node.outputs().size(); i++) {
      Value result = node.optionalOutput(i);
      if (result == null) {
        continue;
      }
      ZeroMask all = null;
      for (Graph graph : node.subgraphs().toList()) {
        ZeroMask mask = zeros.onto(graph.outputs().get(i), result);
        if (mask == null) {
          all = null;
          break;
        }
        all = all == null ? mask : all.and(mask);
      }
      zeros.set(result, all);
    }
  }
}
