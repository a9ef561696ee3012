package io.gohsp.lower;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file declares of the values that its nodes compute is forgotten in a lowered copy, where
 * operators tell as much: numbers may be those of the batch that the model was exported with, and
 * wrong for the one that it is fed. Kept are the names of extents, and of a value whose rank no
 * operator tells, all that is declared but a number of samples.
 */
final class Declarations {
  private Declarations() {}

  static void forget(Model model) {
    Map<Value, TensorType> declared = new LinkedHashMap<>();
    Traversal.graphsWithin(model.graph()).forEach(graph -> forget(graph, declared));
    ShapeFacts facts = ShapeInference.of(model);
    declared.forEach(
        (value, type) ->
            value.setType(facts.shape(value) == null ? withoutBatch(type) : onlyNames(type)));
  }

  private static void forget(Graph graph, Map<Value, TensorType> declared) {
    List.copyOf(graph.declared()).forEach(graph::undeclare);
    graph.nodes().stream()
        .flatMap(Node::presentOutputs)
        .forEach(
            value -> {
              if (value.type() instanceof TensorType type) {
                declared.put(value, type);
              }
              value.setType(null);
            });
  }

  private static TensorType withoutBatch(TensorType type) {
    List<Dim> shape = type.shape();
    if (shape == null || shape.isEmpty() || !shape.get(0).isKnown()) {
      return type;
    }
    List<Dim> open = new ArrayList<>(shape);
    open.set(0, Dim.UNKNOWN);
    return new TensorType(type.element(), open);
  }

  private static @Nullable TensorType onlyNames(TensorType type) {
    List<Dim> shape = type.shape();
    return shape == null || shape.stream().allMatch(dim -> dim.symbol() == null)
        ? null
        : new TensorType(
            type.element(), shape.stream().map(dim -> dim.isKnown() ? Dim.UNKNOWN : dim).toList());
  }
}
