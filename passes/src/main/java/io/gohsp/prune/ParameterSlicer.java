package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.ir.AtNode;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.RangeOp;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Replaces every initializer, constant and range of constants that has a shortened axis by what
 * stays, weights by a view. Copies no weights.
 */
final class ParameterSlicer {
  private final AxisAnalysis analysis;
  private final ShapeFacts facts;
  private final Keeps keeps;

  ParameterSlicer(AxisAnalysis analysis, ShapeFacts facts, Keeps keeps) {
    this.analysis = analysis;
    this.facts = facts;
    this.keeps = keeps;
  }

  void run(Model model) {
    Traversal.initializersWithin(model.graph())
        .forEach(
            initializer -> {
              Tensor sliced = slice(initializer, initializer.constant());
              if (sliced != null) {
                initializer.setConstant(sliced);
              }
            });
    for (Node node : Traversal.nodesWithin(model.graph()).toList()) {
      if (node.is("Constant")) {
        slice(node);
      } else if (node.is("Range")) {
        enumerate(node);
      }
    }
  }

  private void slice(Node constant) {
    Tensor sliced = slice(constant.output(), ConstantValue.of(constant.output()));
    if (sliced != null) {
      ConstantValue.replace(constant.output(), sliced);
    }
  }

  /** A range that loses some of its numbers becomes a constant of the others. */
  private void enumerate(Node range) {
    Value old = range.output();
    List<Size> shape = facts.shape(old);
    ElementType type = facts.type(old);
    if (shape == null || type == null || !shape.get(0).isKnown() || !loses(old)) {
      return; // of a long one that stays whole no constant is made
    }
    int count = Math.toIntExact(shape.get(0).value());
    Tensor sliced = slice(old, RangeOp.of(range, facts).elements(count, type));
    if (sliced != null) {
      Graph graph = range.graph();
      String name = graph.model().names().fresh(old.name() + "_pruned");
      old.replaceAllUsesWith(graph.addInitializer(name, sliced));
      graph.remove(range);
    }
  }

  private @Nullable Tensor slice(Value value, @Nullable Tensor contents) {
    if (contents == null || !loses(value)) {
      return null;
    }
    var layouts = Objects.requireNonNull(analysis.layout(value));
    return AtNode.get(value, () -> contents.select(keeps.selection(layouts)));
  }

  /** Whether some positions of a value's axes go. */
  private boolean loses(Value value) {
    var layouts = analysis.layout(value);
    return layouts != null && layouts.stream().anyMatch(keeps::touches);
  }
}
