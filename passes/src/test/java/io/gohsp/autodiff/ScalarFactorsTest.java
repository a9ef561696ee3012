package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.text.OnnxText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where numbers end up; that results stay the same is tested with the gradient rules. */
class ScalarFactorsTest {
  private static Graph moved(String inputs, String nodes) {
    Model model =
        OnnxText.parse(
            "<ir_version: 9, opset_import: [\"\" : 20]>\ng ("
                + inputs
                + ") => (float[] y)\n<float c = {0.5}, float[1] d = {0.5}, int64[3] three = {-1, 4, 4},"
                + " int64[4] four = {2, 3, 4, 4}>\n{\n"
                + nodes.replace(";", "\n")
                + "\n}");
    ScalarFactors.move(model.graph());
    return model.graph();
  }

  /** Operators on which the output depends. */
  private static List<String> live(Graph graph) {
    List<String> types = new ArrayList<>();
    Set<Value> needed = new HashSet<>(graph.outputs());
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      if (needed.contains(node.output())) {
        types.add(0, node.op().type());
        node.presentInputs().forEach(needed::add);
      }
    }
    return types;
  }

  @Test
  void aGemmTakesTheNumberAsItsAlpha() {
    Graph graph = moved("float[4,4] a, float[4,4] b", "p = Gemm<alpha = 3.0>(a, b); y = Mul(p, c)");
    assertThat(live(graph)).containsExactly("Gemm");
    assertThat(graph.nodes().get(0).floatAttribute("alpha", 1)).isCloseTo(1.5f, within(0f));
    assertThat(graph.outputs()).containsExactly(graph.nodes().get(0).output());
  }

  @Test
  void aGemmWithBiasOrOtherReadersStays() {
    assertThat(
            live(
                moved(
                    "float[4,4] a, float[4,4] b, float[4] e", "p = Gemm(a, b, e); y = Mul(p, c)")))
        .containsExactly("Gemm", "Mul");
    assertThat(
            live(
                moved(
                    "float[4,4] a, float[4,4] b", "p = Gemm(a, b); q = Mul(p, c); y = Add(p, q)")))
        .containsExactly("Gemm", "Mul", "Add");
  }

  @Test
  void theNumberBehindAReshapeMovesToTheProduct() {
    Graph graph =
        moved(
            "float[6,4,4] a, float[6,4,4] b",
            "p = MatMul(a, b); r = Reshape(p, four); y = Mul(r, c)");
    assertThat(live(graph)).containsExactly("MatMul", "Mul", "Reshape");
  }

  @Test
  void theNumberInFrontOfAReshapeMovesToTheProduct() {
    Graph graph =
        moved(
            "float[2,3,4,4] a, float[6,4,4] b",
            "s = Mul(c, a); r = Reshape(s, three); y = MatMul(r, b)");
    Node product = graph.nodes().get(graph.nodes().size() - 1);
    assertThat(live(graph)).containsExactly("Reshape", "Mul", "MatMul");
    assertThat(product.input(0).producer().orElseThrow().is("Mul")).isTrue();
  }

  @Test
  void vectorsAreNotNumbers() {
    assertThat(live(moved("float[4,4] a, float[4,4] b", "p = Gemm(a, b); y = Mul(p, d)")))
        .containsExactly("Gemm", "Mul");
  }
}
