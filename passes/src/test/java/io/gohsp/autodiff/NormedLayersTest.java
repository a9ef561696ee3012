package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.shape.ShapeInference;
import io.gohsp.text.OnnxText;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which normalisations lose their parameters to the layers behind them. */
class NormedLayersTest {
  /** Rounding of float sums of a few terms about 1. */
  private static final double TOLERANCE = 1e-5;

  private static Model model(String nodes) {
    return OnnxText.parse(
        "<ir_version: 9, opset_import: [\"\" : 20]>\n"
            + "g (float[2,3,4] x) => (float[] y)\n"
            + "<float[4] s = {0.5, -1, 2, 1}, float[4] b = {1, 0.25, -3, 0.5}, int64[2] rows = {-1, 4},"
            + " float[4,2] w = {1, -2, 0.5, 3, 1, 1, -1, 0.25}, float[2] c = {4, -5},"
            + " float[2,4] v = {1, -2, 0.5, 3, 1, 1, -1, 0.25}>\n{\n"
            + nodes.replace(";", "\n")
            + "\n}");
  }

  private static boolean fold(Model model) {
    NormedLayers.fold(model.graph(), ShapeInference.of(model), Set.of());
    Node norm =
        model.graph().nodes().stream()
            .filter(node -> node.is("LayerNormalization") && node.output().isUsed())
            .findFirst()
            .orElseThrow();
    return !norm.input(1).name().equals("s");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n = LayerNormalization(x, s, b); y = MatMul(n, w)",
        "n = LayerNormalization(x, s, b); h = MatMul(n, w); t = Add(h, c); y = Neg(t)",
        "n = LayerNormalization(x, s); h = MatMul(n, w); t = Add(c, h); y = Neg(t)",
        "n = LayerNormalization(x, s); h = MatMul(n, w); y = Add(c, h)",
        "n = LayerNormalization(x, s, b); r = Reshape(n, rows); y = Gemm(r, w, c)",
        "n = LayerNormalization(x, s, b); r = Reshape(n, rows); y = Gemm<transB = 1>(r, v, c)",
        "n = LayerNormalization(x, s); r = Reshape(n, rows); y = Gemm<transB = 1>(r, v)",
        "n = LayerNormalization(x, s, b); h = MatMul(n, w); i = Add(h, c); j = MatMul(n, w); y = Mul(i, j)",
      })
  void linearLayersTakeScaleAndBias(String nodes) throws Exception {
    Model folded = model(nodes);
    assertThat(fold(folded)).isTrue();
    Random random = new Random(3);
    Map<String, Numbers.Fed> feeds =
        Map.of("x", new Numbers.Fed(new long[] {2, 3, 4}, random.doubles(24, -1, 1).toArray()));
    try (Numbers before = new Numbers(model(nodes));
        Numbers after = new Numbers(folded)) {
      double[] expected = before.run(feeds).get(0);
      double[] actual = after.run(feeds).get(0);
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i])
            .isCloseTo(expected[i], within(TOLERANCE * (1 + Math.abs(expected[i]))));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = LayerNormalization(x, s, b)",
        "n = LayerNormalization(x, s, b); y = Relu(n)",
        "n = LayerNormalization(x, s, b); h = MatMul(n, w); t = ReduceSum(n); y = Add(h, t)",
        "n = LayerNormalization(x, s, b); r = Reshape(n, rows); y = Gemm<transB = 1, alpha = 2.0>(r, v)",
      })
  void otherReadersKeepThem(String nodes) {
    assertThat(fold(model(nodes))).isFalse();
  }

  @Test
  void whatIsReturnedKeepsItsContents() {
    Model model = model("n = LayerNormalization(x, s, b); y = MatMul(n, w)");
    Node norm = model.graph().nodes().get(0);
    NormedLayers.fold(model.graph(), ShapeInference.of(model), Set.of(norm.output()));
    assertThat(model.graph().nodes()).isEqualTo(List.of(norm, model.graph().nodes().get(1)));
    assertThat(norm.output().isUsed()).isTrue();
  }
}
