package io.gohsp.normalize;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;

/** Copies of constants, which share their contents with the original. */
final class Constants {
  private Constants() {}

  /**
   * A second constant beside an initializer, or a second Constant node before one.
   *
   * @param name what the copy is named after
   */
  static Value copy(Value constant, String name) {
    Graph graph = constant.graph();
    if (constant.constant() != null) {
      return graph.addInitializer(graph.model().names().fresh(name + "_copy"), constant.constant());
    }
    Node node = constant.producer().orElseThrow();
    Node copy = graph.insertBefore(node, node.op(), name + "_copy");
    node.attributes().forEach(copy::setAttribute);
    return copy.output();
  }
}
