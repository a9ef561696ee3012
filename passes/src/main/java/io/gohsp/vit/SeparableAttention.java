package io.gohsp.vit;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Attention without a product of activations, as in MobileViT V2: a softmax weighs positions, which
 * are multiplied by the weights element by element and added up. It has no heads and no columns in
 * which queries meet keys, so {@link TransformerRecognizer} names no block after it.
 */
public final class SeparableAttention {
  private static final Set<String> PASSING =
      Set.of("Cast", "Expand", "Identity", "Mul", "Reshape", "Squeeze", "Transpose", "Unsqueeze");

  private SeparableAttention() {}

  /** The softmaxes of such attentions, in graph order. */
  public static List<Node> in(Model model) {
    return Traversal.nodesWithin(model.graph())
        .filter(node -> node.is("Softmax") && isAddedUp(node))
        .toList();
  }

  private static boolean isAddedUp(Node softmax) {
    Deque<Value> frontier = new ArrayDeque<>(List.of(softmax.output()));
    Set<Value> seen = new HashSet<>(frontier);
    Set<Value> weighted = new HashSet<>();
    while (!frontier.isEmpty()) {
      Value value = frontier.remove();
      for (var use : value.uses()) {
        Node node = use.node();
        if (node.is("ReduceSum") && weighted.contains(value)) {
          return true;
        }
        if (PASSING.contains(node.op().type()) && seen.add(node.output())) {
          if (node.is("Mul") || weighted.contains(value)) {
            weighted.add(node.output());
          }
          frontier.add(node.output());
        }
      }
    }
    return false;
  }
}
