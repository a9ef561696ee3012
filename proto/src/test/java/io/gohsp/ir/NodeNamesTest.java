package io.gohsp.ir;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NodeNamesTest {
  @Test
  void insertedNodesGetNamesOfTheirOwn() {
    Graph graph = new Model("g", null).graph();
    Value x = graph.addInput("x", null);
    Node first = graph.append(OpId.of("Neg"), "gate", x);
    Node second = graph.insertBefore(first, OpId.of("Neg"), "gate", x);
    assertThat(first.name()).isEqualTo("gate");
    assertThat(second.name()).isEqualTo("gate_1");
    graph.remove(first);
    assertThat(graph.append(OpId.of("Neg"), "gate", x).name()).isEqualTo("gate");
  }
}
