package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.plan.Keeps;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.rewrite.RuntimeExtents;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.shape.SymbolicTensor;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Extents that enter a computation keep their original value. Some exporters compute 1/√d from the
 * shape of the queries at run time; the masked original still divides by the original d, so the
 * pruned model must too.
 */
final class FrozenExtents {
  private final AxisAnalysis analysis;
  private final Keeps keeps;
  private final ShapeFacts before;
  private final ShapeFacts after;

  FrozenExtents(AxisAnalysis analysis, Keeps keeps, ShapeFacts before, ShapeFacts after) {
    this.analysis = analysis;
    this.keeps = keeps;
    this.before = before;
    this.after = after;
  }

  void run(Model model) {
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      if (ShapeOperandRepair.takesOnlyExtents(node) || computesExtents(node)) {
        continue;
      }
      for (int i = 0; i < node.inputs().size(); i++) {
        Value input = node.optionalInput(i);
        if (input != null && !ShapeOperandRepair.isExtentOperand(node, i) && changed(input)) {
          node.setInput(i, frozen(node, input));
        }
      }
    }
  }

  /** Whether all results are whole numbers that the shape analysis follows: the chain goes on. */
  private boolean computesExtents(Node node) {
    return node.presentOutputs()
            .allMatch(output -> before.data(output) != null && after.data(output) != null)
        && node.presentOutputs().findAny().isPresent();
  }

  /**
   * Whether the contents differ although no axis was shortened: a small integer weight that was
   * sliced is no extent.
   */
  private boolean changed(Value value) {
    List<AxisLayout> layouts = analysis.layout(value);
    if (layouts != null && layouts.stream().anyMatch(keeps::touches)) {
      return false;
    }
    SymbolicTensor old = before.data(value);
    return old != null && !same(old, after.data(value));
  }

  private static boolean same(SymbolicTensor old, @Nullable SymbolicTensor now) {
    return now != null && old.elements().equals(now.elements());
  }

  private Value frozen(Node reader, Value value) {
    SymbolicTensor old = Objects.requireNonNull(before.data(value));
    ElementType type = Objects.requireNonNull(before.type(value));
    long[] elements = old.longs();
    if (elements == null) {
      return computed(reader, value, old, type);
    }
    String name = reader.graph().model().names().fresh(value.name() + "_original");
    return reader.graph().addInitializer(name, Tensor.ofIntegers(type, old.dims(), elements));
  }

  /** The elements as they were, computed from extents as they are. */
  private Value computed(Node reader, Value value, SymbolicTensor old, ElementType type) {
    RuntimeExtents extents = new RuntimeExtents(reader, after);
    List<Value> elements = new ArrayList<>();
    for (Size element : old.elements()) {
      if (element == null) {
        throw new ModelException.Unsupported(
            reader.location(),
            "computes with \""
                + value.name()
                + "\", an extent that pruning changes and that is not known before run time",
            "export the model with fixed sizes");
      }
      elements.add(extents.vectorOf(element));
    }
    GraphBuilder builder = GraphBuilder.before(reader).in(value.name() + "_original");
    Value vector = builder.concat(0, elements.toArray(Value[]::new));
    Value typed =
        type == ElementType.INT64
            ? vector
            : builder.op("Cast", List.of(Attribute.of("to", type.code())), vector);
    return builder.reshape(typed, old.dims());
  }
}
