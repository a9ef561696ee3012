package io.gohsp.vit;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Contraction.Kind;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.DataOperands;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a linear layer reads what other linear layers return, with nothing but additions and
 * norms in between: then what it adds up over is no hidden axis of an MLP, but a stream that goes
 * on in another basis.
 */
final class Directly {
  /** What is no activation function. */
  private static final Set<String> PASSING =
      Set.of(
          "Add",
          "Sub",
          "Sum",
          "Identity",
          "Cast",
          "Dropout",
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Slice",
          "Concat",
          "LayerNormalization",
          "RMSNormalization",
          "SimplifiedLayerNormalization",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization",
          "ReduceMean",
          "Pow",
          "Sqrt",
          "Div",
          "Mul");

  private final AxisAnalysis analysis;
  private final Set<Node> layers;

  Directly(AxisAnalysis analysis) {
    this.analysis = analysis;
    this.layers =
        analysis.contractions().stream()
            .filter(contraction -> contraction.kind() == Kind.WEIGHT)
            .map(Contraction::node)
            .collect(Collectors.toSet());
  }

  /** Whether a layer does, behind at least one norm or addition of two activations. */
  boolean reads(Contraction layer) {
    Deque<Value> frontier = new ArrayDeque<>(layer.gates());
    Set<Value> visited = new HashSet<>(frontier);
    boolean joined = false;
    while (!frontier.isEmpty()) {
      Value value = frontier.remove();
      Node producer = value.producer().orElse(null);
      if (producer == null || analysis.isConstant(value) || layers.contains(producer)) {
        continue;
      }
      if (!PASSING.contains(producer.op().type()) || isGate(producer)) {
        return false;
      }
      joined |= producer.op().type().contains("Normalization") || activations(producer) > 1;
      DataOperands.of(producer).stream().filter(visited::add).forEach(frontier::add);
    }
    return joined;
  }

  /** A product of activations is a gate of one by the other. */
  private boolean isGate(Node node) {
    return node.is("Mul") && activations(node) > 1;
  }

  private long activations(Node node) {
    return DataOperands.of(node).stream().filter(value -> !analysis.isConstant(value)).count();
  }
}
