package io.gohsp.linear;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.text.OnnxText;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenExtentsTest {
  /** What the keys of a mask are added to are tokens, and queries beside them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          b,s,8 | b,1,1,s | true
          b,s,8 | b,1,1,t | true
          b,?,8 | b,1,1,? | true
          b,7,8 | b,1,1,t | true
          b,s,8 | b,1,1,1 | false
          b,s,8 | b,1,q,k | true
          b,s,8 | b,1,t,t | true
          b,s,8 | b,1,q,s | true
          """)
  void areTheKeysOfTheMask(String x, String mask, boolean tokens) {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[%s] x, float[%s] mask) => (y) <int64[1] heads = {1}> {
              across = Transpose<perm = [0, 2, 1]>(x) product = MatMul(x, across)
              scores = Unsqueeze(product, heads) masked = Add(scores, mask) maps = Softmax(masked)
              map = Squeeze(maps, heads) sum = MatMul(map, x) y = Add(x, sum)
            }
            """
                .formatted(x, mask));
    ShapeFacts facts = ShapeInference.of(model);
    TokenExtents extents = new TokenExtents(model.graph(), facts, "mask");
    assertThat(extents.has(second(facts, model.graph().inputs().get(0)))).isEqualTo(tokens);
    assertThat(extents.has(second(facts, model.graph().outputs().get(0)))).isEqualTo(tokens);
  }

  /** Not what meets tokens elsewhere, or only where an If may not go; one of the two may be 1. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Add(x, other)",
        "If(yes) <then_branch = t () => (m) { m = Mul(other, column) }, else_branch = e () => (n) { n = Identity(other) }>"
      })
  void areNotWhatMeetsThemElsewhere(String met) {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[b,s,8] x, float[b,t] mask, float[b,c,8] other, bool yes) => (y, z)
              <int64[1] last = {2}> {
              column = Unsqueeze(mask, last) y = Mul(x, column) z = %s
            }
            """
                .formatted(met));
    ShapeFacts facts = ShapeInference.of(model);
    TokenExtents extents = new TokenExtents(model.graph(), facts, "mask");
    assertThat(extents.has(second(facts, model.graph().inputs().get(0)))).isTrue();
    assertThat(extents.has(second(facts, model.graph().inputs().get(2)))).isFalse();
  }

  /** From operator set 24 on a mask may be shorter than the keys. */
  @ParameterizedTest
  @CsvSource({"23, true", "24, false"})
  void areTheKeysOfAnAttentionWhereItsMaskMustHaveAll(int opset, boolean tokens) {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 10, opset_import: ["" : %d]>
            g (float[b,s,8] x, float[b,1,1,t] mask) => (y) {
              y = Attention<q_num_heads = 2, kv_num_heads = 2>(x, x, x, mask)
            }
            """
                .formatted(opset));
    ShapeFacts facts = ShapeInference.of(model);
    TokenExtents extents = new TokenExtents(model.graph(), facts, "mask");
    assertThat(extents.has(second(facts, model.graph().inputs().get(0)))).isEqualTo(tokens);
  }

  private static Size second(ShapeFacts facts, Value value) {
    return Objects.requireNonNull(facts.shape(value)).get(1);
  }
}
