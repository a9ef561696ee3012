package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.lower.Lowering;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.OnnxText;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fused operators, taken apart, against ONNX Runtime's fused kernels, where no fixture has the
 * form.
 */
class FusedOperatorsTest {
  /** Kernels add in different orders, and the fused softmax approximates exp. */
  private static final double TOLERANCE = 1e-5;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "23 | float[2,4,5,6] q, float[2,2,7,6] k, float[2,2,7,6] v | y = Attention(q, k, v)",
        "23 | float[2,4,5,6] q, float[2,4,5,6] k, float[2,4,5,6] v | y = Attention<is_causal = 1>(q, k, v)",
        "23 | float[2,5,24] q, float[2,7,12] k, float[2,7,12] v | y = Attention<q_num_heads = 4, kv_num_heads = 2, scale = 0.3>(q, k, v)",
        "17 | float[2,5,8] x, float[8,24] w, float[24] b | y = com.microsoft.Attention<num_heads = 2>(x, w, b)",
        "17 | float[2,5,8] x, float[8,24] w, float[24] b | y = com.microsoft.Attention<num_heads = 2, unidirectional = 1, scale = 0.4>(x, w, b)",
        "17 | float[2,5,8] x, float[8,28] w, float[28] b | y = com.microsoft.Attention<num_heads = 2, qkv_hidden_sizes = [8, 8, 12]>(x, w, b)",
        "17 | float[2,5,8] x, float[8,24] w, float[24] b <int32[2] m = {3, 5}> | y = com.microsoft.Attention<num_heads = 2>(x, w, b, m)",
        "17 | float[2,3,8] x, float[8,24] w, float[24] b <int32[2,3] m = {1, 0, 1, 1, 1, 0}> | y = com.microsoft.Attention<num_heads = 2>(x, w, b, m)",
        "17 | float[2,3,8] x, float[8,24] w, float[24] b, float[2,2,3,3] bias | y = com.microsoft.Attention<num_heads = 2>(x, w, b, , , bias)",
        "17 | float[2,3,8] q, float[2,5,8] k, float[2,5,8] v, float[24] b | y = com.microsoft.MultiHeadAttention<num_heads = 2>(q, k, v, b)",
        "17 | float[2,3,8] q, float[2,3,8] k, float[2,3,8] v, float[24] b <int32[2,3] m = {1, 0, 1, 1, 1, 0}> | y = com.microsoft.MultiHeadAttention<num_heads = 2>(q, k, v, b, m)",
        "17 | float[2,4,3,6] x, float[9,3] c, float[9,3] s <int64[2,3] p = {0, 1, 2, 4, 8, 3}> | y = com.microsoft.RotaryEmbedding(x, p, c, s)",
        "17 | float[2,3,24] x, float[9,3] c, float[9,3] s <int64[1] p = {2}> | y = com.microsoft.RotaryEmbedding<interleaved = 1>(x, p, c, s)",
        "23 | float[2,4,3,8] x, float[9,3] c, float[9,3] s <int64[2,3] p = {0, 1, 2, 4, 8, 3}> | y = RotaryEmbedding<rotary_embedding_dim = 6>(x, c, s, p)",
        "23 | float[2,3,24] x, float[2,3,3] c, float[2,3,3] s | y = RotaryEmbedding<num_heads = 4>(x, c, s)",
        "17 | float[2,3,8] x, float[2,3,8] skip, float[8] g, float[8] b | y, , , sum = com.microsoft.SkipSimplifiedLayerNormalization(x, skip, g, b)",
        "17 | float[4,3] a, float[5,3] b, float[5] c | y = com.microsoft.FusedGemm<transB = 1, activation = \"LeakyRelu\", activation_alpha = 0.2>(a, b, c)",
        "17 | float[3,2,4] a, float[5,2,4] b | y = com.microsoft.FusedMatMul<transBatchA = 1, transBatchB = 1, transB = 1, alpha = 0.5>(a, b)",
        "17 | float[2,3,4] x, float[4] b | t = com.microsoft.BiasGelu(x, b); u = com.microsoft.FastGelu(t); y = com.microsoft.QuickGelu<alpha = 1.5>(u)",
      })
  void computesTheSame(String network) throws Exception {
    String[] parts = network.split("\\|", 3);
    String[] operands = parts[1].strip().split("<", 2);
    Model fused =
        OnnxText.parse(
            "<ir_version: 10, opset_import: [\"\" : "
                + parts[0].strip()
                + ", \"com.microsoft\" : 1]>\ng ("
                + operands[0]
                + ") => (float[] y) "
                + (operands.length == 1 ? "" : "<" + operands[1])
                + "\n{\n"
                + parts[2].replace(";", "\n")
                + "\n}");
    Model lowered = Lowering.of(fused).model();
    assertThat(lowered.graph().nodes())
        .allSatisfy(node -> assertThat(Lowering.operators()).doesNotContain(node.op()));
    ShapeFacts facts = ShapeInference.of(fused);
    Random random = new Random(11);
    Map<String, Numbers.Fed> feeds = new LinkedHashMap<>();
    for (Value input : fused.graph().inputs()) {
      assertThat(facts.type(input)).isEqualTo(ElementType.FLOAT);
      long[] dims = facts.shape(input).stream().mapToLong(size -> size.value()).toArray();
      int count = (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
      feeds.put(input.name(), new Numbers.Fed(dims, random.doubles(count, -1, 1).toArray()));
    }
    try (Numbers one = new Numbers(fused);
        Numbers other = new Numbers(lowered)) {
      List<double[]> expected = one.run(feeds);
      List<double[]> actual = other.run(feeds);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i)).hasSameSizeAs(expected.get(i));
        for (int j = 0; j < expected.get(i).length; j++) {
          assertThat(actual.get(i)[j]).isCloseTo(expected.get(i)[j], within(TOLERANCE));
        }
      }
    }
  }
}
