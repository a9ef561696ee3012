package io.gohsp.linear;

import io.gohsp.ir.Graph;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.normalize.RemoveUnused;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is left of a model that is fed what some of its nodes would compute. */
public final class Stage {
  private Stage() {}

  /**
   * Makes values of the main graph inputs, and removes what nothing needs any more. The outputs
   * stay.
   *
   * @param entry by name what is fed; names that the graph does not have, or has as inputs anyway,
   *     change nothing
   * @return by name of a value that is needed that of the input that stands for it
   */
  public static Map<String, String> cut(Model model, Map<String, TensorType> entry) {
    Graph graph = model.graph();
    Map<String, Value> inputs = new LinkedHashMap<>();
    for (Value input : graph.inputs()) {
      if (entry.containsKey(input.name())) {
        inputs.put(input.name(), input);
      }
    }
    for (Node node : graph.nodes()) {
      for (Value output : node.presentOutputs().toList()) {
        TensorType type = entry.get(output.name());
        if (type != null) {
          Value input = graph.addInput(model.names().fresh(output.name() + "_fed"), type);
          output.replaceAllUsesWith(input);
          inputs.put(output.name(), input);
        }
      }
    }
    List<Node> backwards = new ArrayList<>(graph.nodes());
    Collections.reverse(backwards);
    for (Node node : backwards) {
      if (node.presentOutputs().noneMatch(Value::isUsed)) {
        graph.remove(node);
      }
    }
    RemoveUnused.run(model, Set.of());
    Map<String, String> needed = new LinkedHashMap<>();
    inputs.forEach(
        (name, input) -> {
          if (input.isUsed()) {
            needed.put(name, input.name());
          }
        });
    graph.inputs().stream().filter(input -> !input.isUsed()).forEach(graph::removeInput);
    IrVerifier.verify(model);
    return needed;
  }
}
