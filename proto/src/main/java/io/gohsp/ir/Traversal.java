package io.gohsp.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Ways to walk a model. None of them changes it. */
public final class Traversal {
  private Traversal() {}

  /** Every node once: the main graph, the subgraphs nodes hold, then the function bodies. */
  public static Stream<Node> allNodes(Model model) {
    return Stream.concat(Stream.of(model.graph()), model.functions().stream().map(Function::body))
        .flatMap(Traversal::nodesWithin);
  }

  /**
   * A graph's nodes in order, each followed by the nodes of its subgraphs; a snapshot, so callers
   * may edit.
   */
  public static Stream<Node> nodesWithin(Graph graph) {
    List<Node> all = new ArrayList<>();
    collect(graph, all);
    return all.stream();
  }

  private static void collect(Graph graph, List<Node> into) {
    for (Node node : graph.nodes()) {
      into.add(node);
      node.subgraphs().forEach(subgraph -> collect(subgraph, into));
    }
  }

  /** A graph and the graphs nested in it. */
  public static Stream<Graph> graphsWithin(Graph graph) {
    return Stream.concat(
        Stream.of(graph),
        graph.nodes().stream().flatMap(Node::subgraphs).flatMap(Traversal::graphsWithin));
  }

  /** Every initializer of a graph and of the graphs nested in it. */
  public static Stream<Value> initializersWithin(Graph graph) {
    return graphsWithin(graph).flatMap(g -> g.initializers().stream());
  }
}
