package io.gohsp.normalize;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives each block its own attention bias where all blocks add the same one (relative positions
 * computed once, as in T5): the nodes that make it from a table are repeated for each reader, and
 * so is the table.
 */
public final class UnshareBiases {
  private static final Set<String> READERS = Set.of("Add", "Attention", "MultiHeadAttention");

  /**
   * Operators a bias is made with; nothing here multiplies matrices, so repeating them costs
   * little.
   */
  private static final Set<String> MAKERS =
      Set.of(
          "Gather",
          "Transpose",
          "Unsqueeze",
          "Squeeze",
          "Reshape",
          "Slice",
          "Expand",
          "Cast",
          "Identity",
          "Add",
          "Mul",
          "Where");

  private static final int MAX_CHAIN = 32;

  private final Map<Value, Value> copies;

  private UnshareBiases(Map<Value, Value> copies) {
    this.copies = copies;
  }

  /**
   * @param copies collects each table made, with the one it is a copy of
   */
  public static void run(Model model, Map<Value, Value> copies) {
    UnshareBiases pass = new UnshareBiases(copies);
    Traversal.nodesWithin(model.graph())
        .filter(node -> MAKERS.contains(node.op().type()))
        .forEach(node -> pass.unshare(node.output()));
  }

  private void unshare(Value bias) {
    List<Use> uses = bias.uses();
    boolean shared =
        uses.size() > 1
            && !bias.isGraphOutput()
            && uses.stream()
                .allMatch(
                    use -> READERS.contains(use.node().op().type()) && entersScores(use.node()));
    if (!shared || !isMadeFromTable(bias, 0)) {
      return;
    }
    for (Use use : uses.subList(1, uses.size())) {
      use.replaceWith(repeat(bias, new LinkedHashMap<>()));
    }
  }

  /** Whether the node is an attention or leads straight to a softmax. */
  private static boolean entersScores(Node node) {
    Node reader = node;
    for (int steps = 0; steps < 4; steps++) {
      if (reader.op().type().endsWith("Attention") || reader.is("Softmax")) {
        return true;
      }
      List<Use> uses = reader.output().uses();
      if (uses.size() != 1) {
        return false;
      }
      reader = uses.get(0).node();
    }
    return false;
  }

  private static boolean isTable(Value value) {
    return value.constant() != null
        && value.constant().type().isFloating()
        && value.constant().rank() >= 2;
  }

  private static boolean isMadeFromTable(Value value, int depth) {
    if (isTable(value)) {
      return true;
    }
    Node producer = value.producer().orElse(null);
    return producer != null
        && depth < MAX_CHAIN
        && MAKERS.contains(producer.op().type())
        && producer.presentInputs().anyMatch(input -> isMadeFromTable(input, depth + 1));
  }

  private Value repeat(Value value, Map<Value, Value> repeated) {
    if (!isMadeFromTable(value, 0)) {
      return value;
    }
    Value known = repeated.get(value);
    if (known != null) {
      return known;
    }
    Graph graph = value.graph();
    Value copy;
    if (value.constant() != null) {
      copy =
          graph.addInitializer(
              graph.model().names().fresh(value.name() + "_copy"), value.constant());
      copies.put(copy, value);
    } else {
      Node producer = value.producer().orElseThrow();
      List<@Nullable Value> inputs = new ArrayList<>();
      producer
          .inputs()
          .forEach(input -> inputs.add(input == null ? null : repeat(input, repeated)));
      Node node = graph.insertBefore(producer, producer.op(), value.name() + "_copy", inputs, 1);
      producer.attributes().forEach(node::setAttribute);
      copy = node.output();
    }
    repeated.put(value, copy);
    return copy;
  }
}
