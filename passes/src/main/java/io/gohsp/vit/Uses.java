package io.gohsp.vit;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Contraction.Kind;
import io.gohsp.axis.Factor;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.DataOperands;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells layers that read an axis apart by what computes the positions they read. Where weights are
 * tied, blocks share the axis, but each computes activations of its own: those are further parts. A
 * second layer that reads the same activations is one more reader of the same part.
 */
final class Uses {
  private final AxisAnalysis analysis;
  private final Map<Factor, Set<Node>> known = new HashMap<>();

  Uses(AxisAnalysis analysis) {
    this.analysis = analysis;
  }

  /** Takes down what a layer reads a segment from; whether none of that was read before. */
  boolean add(AxisLayout segment, Contraction layer) {
    Set<Factor> factors = segment.factors().collect(Collectors.toSet());
    Set<Node> sources = sources(factors, layer);
    boolean isNew =
        !sources.isEmpty()
            && factors.stream()
                .map(factor -> known.getOrDefault(factor, Set.of()))
                .allMatch(before -> Collections.disjoint(before, sources));
    factors.forEach(f -> known.computeIfAbsent(f, n -> new HashSet<>()).addAll(sources));
    return isNew;
  }

  /** The nearest products and layers upstream: products of activations, or layers with the axis. */
  private Set<Node> sources(Set<Factor> factors, Contraction layer) {
    Set<Node> sources = new HashSet<>();
    Deque<Value> frontier = new ArrayDeque<>(layer.gates());
    Set<Value> visited = new HashSet<>(frontier);
    while (!frontier.isEmpty()) {
      Node producer = frontier.remove().producer().orElse(null);
      if (producer == null) {
        continue;
      }
      List<Contraction> here = analysis.contractions(producer);
      if (here.stream().anyMatch(c -> makes(c, factors))) {
        sources.add(producer);
      } else if (here.stream().noneMatch(c -> c.kind() == Kind.WEIGHT)) {
        DataOperands.of(producer).stream().filter(visited::add).forEach(frontier::add);
      }
    }
    return sources;
  }

  private static boolean makes(Contraction contraction, Set<Factor> factors) {
    return contraction.kind() != Kind.SUM
        && (contraction.kind() == Kind.ACTIVATIONS
            || contraction.free().stream()
                .flatMap(AxisLayout::factors)
                .anyMatch(factors::contains));
  }
}
