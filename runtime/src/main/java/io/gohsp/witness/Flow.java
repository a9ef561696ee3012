package io.gohsp.witness;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.DataOperands;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which values lead where: layers (activation by constant), products (of two activations). */
final class Flow {
  private static final Set<String> FUSED =
      Set.of("Attention", "QAttention", "MultiHeadAttention", "PackedAttention");

  private final Set<Value> constants = new HashSet<>();

  /** Every node that multiplies, in graph order. */
  private final Map<Node, Multiplication> multiplications = new LinkedHashMap<>();

  Flow(Model model) {
    Traversal.graphsWithin(model.graph()).map(Graph::initializers).forEach(constants::addAll);
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      if (node.subgraphs().findAny().isEmpty()
          && node.presentInputs().allMatch(constants::contains)) {
        node.presentOutputs().forEach(constants::add);
      }
      Multiplication multiplication = Multiplication.of(node);
      if (multiplication != null) {
        multiplications.put(node, multiplication);
      }
    }
  }

  Collection<Multiplication> multiplications() {
    return multiplications.values();
  }

  @Nullable Multiplication at(Node node) {
    return multiplications.get(node);
  }

  boolean isConstant(Value value) {
    return constants.contains(value);
  }

  static boolean isFused(Node node) {
    return FUSED.contains(node.op().type());
  }

  /** The position of the activation that a layer reads; -1 if the node is no layer. */
  int activation(Multiplication at) {
    boolean left = isConstant(at.operand(at.left()));
    boolean right = isConstant(at.operand(at.right()));
    return left == right ? -1 : right ? at.left() : at.right();
  }

  boolean isProduct(Node node) {
    Multiplication at = multiplications.get(node);
    return isFused(node)
        || (at != null
            && !isConstant(at.operand(at.left()))
            && !isConstant(at.operand(at.right())));
  }

  boolean isLayer(Node node) {
    Multiplication at = multiplications.get(node);
    return at != null && activation(at) >= 0;
  }

  /**
   * The way from a value up to the nearest product, the product last; null if a layer or nothing
   * comes first.
   */
  @Nullable List<Node> toProduct(Value start) {
    return upstream(start, true);
  }

  /** The way up to the nearest layer; null if a product or nothing comes first. */
  @Nullable List<Node> toLayer(Value start) {
    return upstream(start, false);
  }

  private @Nullable List<Node> upstream(Value start, boolean products) {
    Deque<Value> frontier = new ArrayDeque<>(List.of(start));
    Map<Value, @Nullable Node> reader = new HashMap<>();
    reader.put(start, null);
    while (!frontier.isEmpty()) {
      Value value = frontier.remove();
      Node producer = value.producer().orElse(null);
      if (producer == null || isConstant(value)) {
        continue;
      }
      boolean product = isProduct(producer);
      if (product || isLayer(producer)) {
        if (product == products) {
          return way(value, producer, reader);
        }
        continue;
      }
      for (Value operand : DataOperands.of(producer)) {
        if (!reader.containsKey(operand)) {
          reader.put(operand, producer);
          frontier.add(operand);
        }
      }
    }
    return null;
  }

  private static List<Node> way(Value last, Node end, Map<Value, @Nullable Node> reader) {
    List<Node> way = new ArrayList<>(List.of(end));
    Node at = reader.get(last);
    while (at != null) {
      way.add(0, at);
      Node next = null;
      for (Value output : at.presentOutputs().toList()) {
        next = next == null ? reader.get(output) : next;
      }
      at = next;
    }
    return way;
  }
}
