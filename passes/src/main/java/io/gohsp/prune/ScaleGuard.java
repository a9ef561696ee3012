package io.gohsp.prune;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Contraction.Kind;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps tools that fuse attentions by pattern from changing what a pruned one computes. They take
 * whatever number scales the scores for {@code 1/√d} of the width {@code d} that they see, and drop
 * it; a pruned attention is scaled by the root of the width that it once had. So queries are
 * doubled and keys halved in front of the product: exact in binary floating point, and nothing that
 * such a pattern has there. ONNX Runtime's own optimiser compares the number, and folds both
 * factors into the product.
 */
final class ScaleGuard {
  private static final float[] FACTORS = {2, 0.5f};

  private final AxisAnalysis analysis;
  private final ShapeFacts facts;
  private final Keeps keeps;
  private final Set<Node> products;
  private final Map<ElementType, Value[]> constants = new EnumMap<>(ElementType.class);

  /**
   * @param facts types of the model's values
   */
  ScaleGuard(AxisAnalysis analysis, ShapeFacts facts, Keeps keeps) {
    this.analysis = analysis;
    this.facts = facts;
    this.keeps = keeps;
    this.products =
        analysis.contractions().stream()
            .filter(c -> c.kind() != Kind.SUM)
            .map(Contraction::node)
            .collect(Collectors.toSet());
  }

  /** Guards each product of queries and keys that loses columns, once. */
  void run(Model model) {
    for (Contraction scores : analysis.contractions()) {
      Node node = scores.node();
      ElementType type = node.is("MatMul") ? facts.type(node.input(0)) : null;
      if (scores.kind() == Kind.ACTIVATIONS
          && type != null
          && type.isFloating()
          && keeps.touches(scores.reduced())
          && !isGuarded(node)
          && reachesSoftmax(node)) {
        Value[] factors = constants.computeIfAbsent(type, t -> factors(model, t));
        for (int operand = 0; operand < 2; operand++) {
          Value x = node.input(operand);
          Node scaled =
              node.graph()
                  .insertBefore(node, OpId.of("Mul"), x.name() + "_guarded", x, factors[operand]);
          node.setInput(operand, scaled.output());
        }
      }
    }
  }

  private static Value[] factors(Model model, ElementType type) {
    Graph graph = model.graph();
    Value[] values = new Value[FACTORS.length];
    for (int i = 0; i < FACTORS.length; i++) {
      values[i] =
          graph.addInitializer(
              model.names().fresh(i == 0 ? "queries_doubled" : "keys_halved"),
              Tensor.ofFloats(type, new long[0], FACTORS[i]));
    }
    return values;
  }

  /** A model that was pruned before has its guards already. */
  private static boolean isGuarded(Node product) {
    for (int operand = 0; operand < 2; operand++) {
      Node scaling = product.input(operand).producer().orElse(null);
      Tensor factor = scaling == null || !scaling.is("Mul") ? null : constant(scaling.input(1));
      if (factor == null || factor.size() != 1 || factor.floats()[0] != FACTORS[operand]) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Tensor constant(Value value) {
    return ConstantValue.of(value);
  }

  /** Whether a softmax comes before the next product: linear attention has no scale to guard. */
  private boolean reachesSoftmax(Node scores) {
    Deque<Node> open = new ArrayDeque<>(Set.of(scores));
    Set<Node> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      Node node = open.remove();
      if (node.is("Softmax")) {
        return true;
      }
      if (node == scores || !products.contains(node)) {
        node.presentOutputs()
            .flatMap(output -> output.uses().stream())
            .map(use -> use.node())
            .filter(seen::add)
            .forEach(open::add);
      }
    }
    return false;
  }
}
