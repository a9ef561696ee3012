package io.gohsp.lower;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the branch of an If whose condition is known: constant, or a comparison of extents that
 * are. Otherwise computes both and chooses between their results: the gradient reaches what the
 * chosen branch read, and zero what only the other one did (which must stay finite). Branches that
 * may both run and return other shapes, or nest further graphs, stay.
 */
final class Branches {
  private Branches() {}

  /** Empty where the If stays. */
  static List<@Nullable Value> lower(Node node, LoweringContext g) {
    if (node.attribute("then_branch") == null
        || node.attribute("else_branch") == null
        || !(node.attribute("then_branch").content() instanceof Attribute.GraphValue yes)
        || !(node.attribute("else_branch").content() instanceof Attribute.GraphValue no)) {
      return List.of();
    }
    long[] known = g.read(node.input(0));
    if (known != null && known.length == 1) {
      Graph taken = known[0] == 0 ? no.value() : yes.value();
      return isFlat(taken) ? List.copyOf(inlined(taken, node)) : List.of();
    }
    if (!isFlat(yes.value()) || !isFlat(no.value()) || !sameShapes(yes.value(), no.value(), g)) {
      return List.of();
    }
    Value condition = g.build().op("Reshape", node.input(0), g.build().longs());
    List<Value> first = inlined(yes.value(), node);
    List<Value> second = inlined(no.value(), node);
    List<@Nullable Value> chosen = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      chosen.add(g.build().op("Where", condition, first.get(i), second.get(i)));
    }
    return chosen;
  }

  private static boolean isFlat(Graph branch) {
    return branch.nodes().stream().allMatch(node -> node.subgraphs().findAny().isEmpty())
        && branch.initializers().stream().allMatch(value -> value.constant() != null);
  }

  private static boolean sameShapes(Graph yes, Graph no, LoweringContext g) {
    for (int i = 0; i < yes.outputs().size(); i++) {
      List<Size> shape = g.knownShape(yes.outputs().get(i));
      if (shape == null || !shape.equals(g.knownShape(no.outputs().get(i)))) {
        return false;
      }
    }
    return true;
  }

  /** Copies of the branch's nodes before its If; what they return. */
  private static List<Value> inlined(Graph branch, Node choice) {
    Graph graph = choice.graph();
    Map<Value, Value> copies = new HashMap<>();
    for (Value initializer : branch.initializers()) {
      Tensor constant = initializer.constant();
      if (constant != null) {
        String name = graph.model().names().fresh(initializer.name());
        copies.put(initializer, graph.addInitializer(name, constant));
      }
    }
    for (Node node : branch.nodes()) {
      List<@Nullable Value> inputs = new ArrayList<>();
      for (Value input : node.inputs()) {
        inputs.add(input == null ? null : copies.getOrDefault(input, input));
      }
      List<@Nullable Value> outputs = new ArrayList<>();
      for (Value output : node.outputs()) {
        Value copy =
            output == null ? null : graph.newValue(graph.model().names().fresh(output.name()));
        outputs.add(copy);
        if (copy != null) {
          copies.put(output, copy);
        }
      }
      Node copy = graph.insertBefore(choice, node.op(), node.name(), inputs, outputs);
      copy.setResidue(node.residue());
      node.attributes().forEach(copy::setAttribute);
    }
    return branch.outputs().stream().map(value -> copies.getOrDefault(value, value)).toList();
  }
}
