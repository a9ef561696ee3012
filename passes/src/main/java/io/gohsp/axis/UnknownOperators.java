package io.gohsp.axis;

import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The operators of a model that no axis rule describes, with how many nodes there are of each.
 * Whatever they touch stays as it is, and where their results' shapes are unknown too, nothing
 * behind them is seen.
 */
public record UnknownOperators(Map<OpId, Integer> nodes) {
  public UnknownOperators {
    nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
  }

  static UnknownOperators of(List<Node> unknown) {
    Map<OpId, Integer> nodes = new LinkedHashMap<>();
    unknown.forEach(node -> nodes.merge(node.op(), 1, Integer::sum));
    return new UnknownOperators(nodes);
  }

  public boolean isEmpty() {
    return nodes.isEmpty();
  }

  /** The operators with the numbers of their nodes: {@code com.microsoft::MoE (2), STFT (1)}. */
  @Override
  public String toString() {
    return nodes.entrySet().stream()
        .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
        .collect(Collectors.joining(", "));
  }
}
