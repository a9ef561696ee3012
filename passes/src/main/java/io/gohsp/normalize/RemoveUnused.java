package io.gohsp.normalize;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Removes nodes and constants that a rewrite left without readers; what had none before stays. */
public final class RemoveUnused {
  private RemoveUnused() {}

  /** Names of the values that nobody reads in a model before it is rewritten. */
  public static Set<String> unused(Model model) {
    Set<String> names = new HashSet<>();
    Traversal.graphsWithin(model.graph())
        .flatMap(RemoveUnused::definitions)
        .filter(value -> !value.isUsed())
        .forEach(value -> names.add(value.name()));
    return names;
  }

  private static Stream<Value> definitions(Graph graph) {
    return Stream.concat(
        graph.initializers().stream(), graph.nodes().stream().flatMap(Node::presentOutputs));
  }

  /**
   * @param before what {@link #unused} returned for the model as it was
   */
  public static void run(Model model, Set<String> before) {
    for (Graph graph : Traversal.graphsWithin(model.graph()).toList()) {
      List<Node> backwards = new ArrayList<>(graph.nodes());
      Collections.reverse(backwards);
      for (Node node : backwards) {
        boolean unread = node.presentOutputs().noneMatch(Value::isUsed);
        boolean always = node.presentOutputs().allMatch(output -> before.contains(output.name()));
        if (unread && !always) {
          graph.remove(node);
        }
      }
      graph.initializers().stream()
          .filter(value -> !value.isUsed() && !before.contains(value.name()))
          .forEach(value -> remove(value, graph));
    }
  }

  /** A constant that callers might have replaced is nothing that they have to give. */
  private static void remove(Value constant, Graph graph) {
    if (constant.isGraphInput()) {
      graph.removeInput(constant);
    }
    graph.removeInitializer(constant);
  }
}
