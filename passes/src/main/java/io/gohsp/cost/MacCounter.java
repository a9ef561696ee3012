package io.gohsp.cost;

import io.gohsp.ir.AtNode;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the multiply-accumulates of a model's nodes for given extents of its symbols. A call of a
 * local function costs what its body does; of the two branches of an If the dearer counts.
 */
final class MacCounter {
  private final Extents extents;
  private final ShapeFacts facts;
  private final Map<String, Long> symbols;
  private final Map<OpId, Function> functions = new LinkedHashMap<>();
  private final Map<OpId, Long> bodies = new HashMap<>();
  private final Set<OpId> calls = new LinkedHashSet<>();
  private final Set<Node> uncounted = new LinkedHashSet<>();

  /**
   * @param facts what trip counts are read from
   * @param shapes the extents to count with
   */
  MacCounter(
      Model model,
      ShapeFacts facts,
      Map<String, Long> symbols,
      java.util.function.Function<Value, @Nullable List<Size>> shapes) {
    this.extents = new Extents(shapes);
    this.facts = facts;
    this.symbols = symbols;
    model.functions().forEach(function -> functions.put(function.id(), function));
  }

  /** Nodes met so far that multiply an unknown number of times. */
  List<Node> uncounted() {
    return List.copyOf(uncounted);
  }

  /**
   * @throws ModelException.Malformed if the sum leaves 64 bits, or a function calls itself
   */
  long macs(Graph graph) {
    return macs(graph.nodes());
  }

  /** The same for some nodes of a graph. */
  long macs(List<Node> nodes) {
    long sum = 0;
    for (Node node : nodes) {
      try {
        sum = Math.addExact(sum, macs(node));
      } catch (ArithmeticException overflow) {
        throw new ModelException.Malformed(
            node.location(), "the number of multiplications overflows 64 bits", overflow);
      }
    }
    return sum;
  }

  private long macs(Node node) {
    Function function = functions.get(node.op());
    if (function != null) {
      return body(function, node);
    }
    if (node.is("If")) {
      return node.subgraphs().mapToLong(this::macs).max().orElse(0);
    }
    if (node.is("Loop") || node.is("Scan")) {
      return repeated(node);
    }
    OptionalLong count = hasOpenAttribute(node) ? OptionalLong.empty() : ownMacs(node);
    if (count.isEmpty()) {
      uncounted.add(node);
    }
    return count.orElse(0);
  }

  private OptionalLong ownMacs(Node node) {
    return AtNode.get(node, () -> MacRules.of(node.op()).macs(node, extents).evaluate(symbols));
  }

  /**
   * Attributes that only a call fills in; those of the counted operators never are, in practice.
   */
  private static boolean hasOpenAttribute(Node node) {
    return MacRules.counts(node.op())
        && node.attributes().stream().anyMatch(a -> a.content() instanceof Attribute.Reference);
  }

  private long body(Function function, Node call) {
    Long known = bodies.get(function.id());
    if (known != null) {
      return known;
    }
    if (!calls.add(function.id())) {
      throw new ModelException.Malformed(call.location(), "the function calls itself");
    }
    long macs = macs(function.body());
    calls.remove(function.id());
    bodies.put(function.id(), macs);
    return macs;
  }

  /**
   * The body's count times the number of turns, where that is written down; else once, and
   * uncounted if it costs.
   */
  private long repeated(Node node) {
    long once = node.subgraphs().mapToLong(this::macs).sum();
    Value trips = node.is("Loop") ? node.optionalInput(0) : null;
    long[] turns = trips == null ? null : facts.constants(trips);
    if (turns != null && turns.length == 1) {
      return Math.multiplyExact(once, Math.max(0, turns[0]));
    }
    if (once > 0) {
      uncounted.add(node);
    }
    return once;
  }
}
