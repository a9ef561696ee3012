package io.gohsp.nd4j;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** After which node each value is needed no more. */
final class Liveness {
  private final Map<Node, List<Value>> lastUsed = new HashMap<>();

  private Liveness() {}

  /**
   * @param nodes in the order of execution
   * @param kept values that outlive a run
   */
  static Liveness of(Graph graph, List<Node> nodes, Set<Value> kept) {
    Liveness liveness = new Liveness();
    Set<Value> seen = new HashSet<>(kept);
    seen.addAll(graph.outputs());
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      List<Value> last = new ArrayList<>();
      node.presentOutputs().filter(seen::add).forEach(last::add); // nobody reads it at all
      node.presentInputs().filter(seen::add).forEach(last::add);
      liveness.lastUsed.put(node, List.copyOf(last));
    }
    return liveness;
  }

  List<Value> lastUsedBy(Node node) {
    return lastUsed.getOrDefault(node, List.of());
  }
}
