package io.gohsp.vit;

import static io.gohsp.text.GraphAssert.parse;
import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import org.junit.jupiter.api.Test;

class SeparableAttentionTest {
  private static Model model(String nodes) {
    return parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[1,4,9] q, float[1,4,9] k, float[1,9,4] v) => (y) <int64[1] axes = {2}> {
          %s
        }
        """
            .formatted(nodes));
  }

  @Test
  void addsUpWhatItWeighs() {
    Model model = model("s = Softmax(q) e = Mul(s, k) y = ReduceSum(e, axes)");

    assertThat(SeparableAttention.in(model)).hasSize(1);
  }

  @Test
  void productsAreAnotherKind() {
    assertThat(SeparableAttention.in(model("s = Softmax(q) y = MatMul(s, v)"))).isEmpty();
    assertThat(SeparableAttention.in(model("s = Softmax(q) y = ReduceSum(s, axes)"))).isEmpty();
  }
}
