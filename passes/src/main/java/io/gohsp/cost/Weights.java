package io.gohsp.cost;

import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.stream.Stream;

/**
 * The weights of a model among its constants: floats of more than one element that are not scales
 * or sizes, and whole numbers that are read as quantised weights. Wherever they are stored:
 * initializers, Constant nodes, branches, bodies of functions. What several nodes read is stored
 * once and counts once.
 */
public final class Weights {
  private Weights() {}

  /** All weights, in the order of the graph. */
  public static Stream<Weight> of(Model model) {
    return Stream.concat(Stream.of(model.graph()), model.functions().stream().map(Function::body))
        .flatMap(Traversal::graphsWithin)
        .flatMap(Weights::constants)
        .flatMap(Weights::ifWeight);
  }

  private static Stream<Value> constants(Graph graph) {
    return Stream.concat(
        graph.initializers().stream(),
        graph.nodes().stream().filter(node -> node.is("Constant")).map(node -> node.output()));
  }

  private static Stream<Weight> ifWeight(Value value) {
    Tensor tensor = ConstantValue.of(value);
    if (tensor == null || tensor.size() <= 1) {
      return Stream.of();
    }
    if (tensor.type().isFloating()) {
      return OperandRoles.isReadAsFloatWeight(value)
          ? Stream.of(new Weight(value, tensor, 1, EmbeddingTables.contains(value)))
          : Stream.of();
    }
    return OperandRoles.isReadAsQuantisedWeight(value)
        ? Stream.of(
            new Weight(value, tensor, packing(value, tensor), EmbeddingTables.contains(value)))
        : Stream.of();
  }

  /** Some operators keep several weights in a byte and say in their attributes how many. */
  private static double packing(Value value, Tensor tensor) {
    for (Use use : value.uses()) {
      Node node = use.node();
      if (node.is(OpId.MICROSOFT, "MatMulNBits") || node.is(OpId.MICROSOFT, "MatMulBnb4")) {
        long elements = Math.multiplyExact(node.intAttribute("K", 0), node.intAttribute("N", 0));
        return (double) elements / tensor.size();
      }
      // Elements of a packed type are counted one by one already.
      if (node.is(OpId.MICROSOFT, "GatherBlockQuantized") && tensor.type() == ElementType.UINT8) {
        return (double) Byte.SIZE / Math.max(1, node.intAttribute("bits", 4));
      }
    }
    return 1;
  }
}
