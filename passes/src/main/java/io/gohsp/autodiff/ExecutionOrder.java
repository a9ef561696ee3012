package io.gohsp.autodiff;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Lists nodes so that the gradient of a weight is computed when what it is computed from has just
 * been: then that is still in the cache, and need not be kept.
 *
 * <p>ONNX Runtime does not run nodes as they are listed. It takes the nodes that no other reads,
 * the last one first, and runs for each what it still lacks. Listed as they were written, the first
 * layer's gradients would pull the whole backward pass, with all other weights' gradients waiting
 * behind it. So what no other node reads comes last, in reverse.
 */
final class ExecutionOrder {
  private ExecutionOrder() {}

  static void set(Graph graph) {
    List<Node> order = new ArrayList<>();
    List<Node> unread = new ArrayList<>();
    for (Node node : graph.nodes()) {
      boolean read = node.presentOutputs().anyMatch(output -> !output.uses().isEmpty());
      (read ? order : unread).add(node);
    }
    Collections.reverse(unread);
    order.addAll(unread);
    graph.reorder(order);
  }
}
