package io.gohsp.ir;

import java.util.HashSet;
import java.util.Set;

/**
 * Checks what every pass relies on: values are defined before they are read, once, and use lists
 * are right.
 */
public final class IrVerifier {
  private IrVerifier() {}

  /**
   * @throws ModelException.Malformed naming the first node that breaks a rule
   */
  public static void verify(Model model) {
    verify(model.graph(), new HashSet<>());
    model.functions().forEach(function -> verify(function.body(), new HashSet<>()));
  }

  private static void verify(Graph graph, Set<Value> outer) {
    Set<Value> visible = new HashSet<>(outer);
    visible.addAll(graph.inputs());
    visible.addAll(graph.initializers());
    for (Node node : graph.nodes()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        Value input = node.inputs().get(i);
        if (input == null) {
          continue;
        }
        if (!visible.contains(input)) {
          throw new ModelException.Malformed(
              node.location(), "reads \"" + input.name() + "\", which nothing before it defines");
        }
        if (!input.uses().contains(new Use(node, i))) {
          throw new ModelException.Malformed(
              node.location(), "is missing from the uses of " + input);
        }
      }
      node.subgraphs().forEach(subgraph -> verify(subgraph, visible));
      node.presentOutputs()
          .forEach(
              output -> {
                if (output.producer().orElse(null) != node || !visible.add(output)) {
                  throw new ModelException.Malformed(
                      node.location(), "does not own its output " + output);
                }
              });
    }
    for (Value output : graph.outputs()) {
      if (!visible.contains(output)) {
        throw new ModelException.Malformed(
            Location.of(graph.model(), graph),
            "returns \"" + output.name() + "\", which nothing defines");
      }
    }
  }
}
