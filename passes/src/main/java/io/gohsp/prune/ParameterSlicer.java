package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.plan.Keeps;
import io.gohsp.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Replaces every initializer and constant that has a shortened axis by a view of what stays. Copies
 * no weights.
 */
final class ParameterSlicer {
  private final AxisAnalysis analysis;
  private final Keeps keeps;

  ParameterSlicer(AxisAnalysis analysis, Keeps keeps) {
    this.analysis = analysis;
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
    Traversal.nodesWithin(model.graph()).filter(node -> node.is("Constant")).forEach(this::slice);
  }

  private void slice(Node constant) {
    Tensor sliced = slice(constant.output(), ConstantValue.of(constant.output()));
    if (sliced != null) {
      ConstantValue.replace(constant.output(), sliced);
    }
  }

  private @Nullable Tensor slice(Value value, @Nullable Tensor contents) {
    var layouts = analysis.layout(value);
    if (contents == null || layouts == null || layouts.stream().noneMatch(keeps::touches)) {
      return null;
    }
    return contents.select(keeps.selection(layouts));
  }
}
