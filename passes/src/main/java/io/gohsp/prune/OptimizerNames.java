package io.gohsp.prune;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Names that ONNX Runtime's optimiser gives constants. Where it makes one product of a MatMul and
 * an Add it calls the shapes around it so, from the second on with {@code _token_} and a count, and
 * refuses a model that has such constants already (versions 1.29 and 1.30): one that it optimised
 * before, and to which a layer is added. There the constants get other names.
 */
final class OptimizerNames {
  private static final Pattern TAKEN = Pattern.compile("gemm_(input|output)_shape|.+_token_\\d+");

  private OptimizerNames() {}

  static void run(Model model) {
    if (Traversal.nodesWithin(model.graph()).noneMatch(OptimizerNames::isFused)) {
      return;
    }
    for (Graph graph : Traversal.graphsWithin(model.graph()).toList()) {
      for (Value constant : List.copyOf(graph.initializers())) {
        Tensor numbers = constant.constant();
        if (numbers != null
            && TAKEN.matcher(constant.name()).matches()
            && !constant.isGraphInput()) {
          Value renamed = graph.addInitializer(model.names().fresh(constant.name()), numbers);
          constant.replaceAllUsesWith(renamed);
          graph.removeInitializer(constant);
        }
      }
    }
  }

  private static boolean isFused(Node node) {
    return node.is("MatMul")
        && node.output(0).uses().stream()
            .anyMatch(
                use ->
                    use.node().is("Add")
                        && ConstantValue.of(use.node().input(1 - use.index())) != null);
  }
}
