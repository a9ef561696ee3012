package io.gohsp.cost;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One summand of a model's cost: what a node computes, or what a weight takes. */
public sealed interface CostTerm {
  /** The values whose extents decide it. */
  List<Value> values();

  /**
   * How much it is.
   *
   * @param shapes the extents to count with; null where the rank is unknown
   */
  Cost cost(Function<Value, @Nullable List<Size>> shapes);

  /** The multiply-accumulates of a node, of the graphs inside it, and of the function it calls. */
  record Macs(Node node, Model model, ShapeFacts facts, Map<String, Long> symbols)
      implements CostTerm {
    @Override
    public List<Value> values() {
      Stream<Node> inner = node.subgraphs().flatMap(Traversal::nodesWithin);
      return Stream.concat(Stream.of(node), inner)
          .flatMap(n -> Stream.concat(n.presentInputs(), n.presentOutputs()))
          .distinct()
          .toList();
    }

    @Override
    public Cost cost(Function<Value, @Nullable List<Size>> shapes) {
      MacCounter counter = new MacCounter(model, facts, symbols, shapes);
      return new Cost(0, counter.macs(List.of(node)), 0, counter.uncounted());
    }
  }

  /** A weight. */
  record Params(Weight weight) implements CostTerm {
    @Override
    public List<Value> values() {
      return List.of(weight.value());
    }

    @Override
    public Cost cost(Function<Value, @Nullable List<Size>> shapes) {
      long elements = weight.elements(shapes);
      long embeddings = weight.isEmbedding() ? elements : 0;
      return new Cost(elements, embeddings, 0, weight.bytes(shapes), List.of());
    }
  }
}
