package io.gohsp.text;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.tensor.Tensor;
import org.junit.jupiter.api.Test;

class GraphAssertTest {
  private static final String BEFORE =
      "g (float[2] x) => (y) <float[4,5] w = random(1, 1)> { a = Identity(x)  y = Foo(a, w) }";

  private static void dropIdentity(Model model) {
    Graph graph = model.graph();
    for (Node node : graph.nodes()) {
      if (node.is("Identity")) {
        node.output().replaceAllUsesWith(node.input(0));
        graph.remove(node);
      }
    }
  }

  private static void zeroWeights(Model model) {
    model
        .graph()
        .initializers()
        .forEach(w -> w.setConstant(Tensor.ofFloats(new long[] {4, 5}, new float[20])));
  }

  @Test
  void acceptsTheRightRewrite() {
    GraphAssert.assertRewrite(
        GraphAssertTest::dropIdentity,
        BEFORE,
        """
        g (float[2] x) => (y)
        <float[4,5] w = random(1, 1)> # the same weights
        {
          y = Foo(x, w)
        }
        """);
  }

  @Test
  void refusesAnotherRewrite() {
    assertThatThrownBy(
            () -> GraphAssert.assertRewrite(GraphAssertTest::dropIdentity, BEFORE, BEFORE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("a = Identity(x)");
  }

  @Test
  void comparesContentsUnlessTheTextLeavesThemOut() {
    GraphAssert.assertRewrite(
        GraphAssertTest::zeroWeights, BEFORE, BEFORE.replace("random(1, 1)", "zeros"));
    GraphAssert.assertRewrite(
        GraphAssertTest::zeroWeights, BEFORE, BEFORE.replace("random(1, 1)", "{...}"));
    assertThatThrownBy(
            () -> GraphAssert.assertRewrite(GraphAssertTest::zeroWeights, BEFORE, BEFORE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("crc32");
  }

  @Test
  void unchangedMeansNoEditsToo() {
    GraphAssert.assertUnchanged(model -> {}, BEFORE);
    assertThatThrownBy(() -> GraphAssert.assertUnchanged(GraphAssertTest::dropIdentity, BEFORE))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(
            () ->
                GraphAssert.assertUnchanged(
                    model -> model.graph().nodes().get(0).setOp(OpId.of("Identity")), BEFORE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("cancelled");
  }
}
