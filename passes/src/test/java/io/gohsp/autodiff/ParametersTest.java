package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import io.gohsp.text.OnnxText;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tables that go into the scores of attention are masks, and which are learnt. */
class ParametersTest {
  private static final String ADDED = "y = Add(x, table)";

  /** A buffer that is cut to the length of the sample, as both of PyTorch's exporters write it. */
  private static final String CUT_TO_LENGTH =
      """
      rows = Slice(table, zero, n, zero)
      both = Slice(rows, zero, n, one)
      four = Unsqueeze(both, lead)
      y = Add(x, four)
      """;

  private static final String MOVED_ABOUT =
      """
      picked = Gather<axis = 0>(table, n)
      half = Cast<to = 1>(picked)
      turned = Transpose(half)
      many = Expand(turned, shape)
      flat = Reshape(many, shape)
      joined = Concat<axis = 0>(flat, flat)
      y = Where(which, x, joined)
      """;

  private static final String STANDARD =
      "y = Attention<q_num_heads = 1, kv_num_heads = 1>(x, x, x, table)";

  private static final String STANDARD_CUT =
      """
      rows = Slice(table, zero, n, zero)
      y = Attention<q_num_heads = 1, kv_num_heads = 1>(x, x, x, rows)
      """;

  private static final String FUSED =
      "y = com.microsoft.MultiHeadAttention<num_heads = 1>(x, x, x, , , table)";

  private static boolean isTrainable(String numbers, String body) {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 10, opset_import: ["" : 23, "com.microsoft" : 1]>
            g (float[B,2,2] x, int64[1] n, bool[2,2] which) => (float y)
            <float[2,2] table = {%s}, int64[1] zero = {0}, int64[1] one = {1}, int64[2] lead = {0,1},
             int64[2] shape = {2,2}>
            {
              %s
            }
            """
                .formatted(numbers, body));
    return Parameters.candidates(model).stream()
        .filter(value -> value.name().equals("table"))
        .anyMatch(Parameters::trainable);
  }

  @ParameterizedTest
  @ValueSource(strings = {ADDED, CUT_TO_LENGTH, MOVED_ABOUT, STANDARD, STANDARD_CUT, FUSED})
  void masksAreNotTrained(String body) {
    for (String hidden : new String[] {"-3.4028235e38", "-1e30", "-1e4", "-100"}) {
      assertThat(isTrainable("0, " + hidden + ", 0, 0", body)).as(hidden).isFalse();
    }
    assertThat(isTrainable("0.3, -1e30, -0.5, 0", body)).as("with biases").isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {ADDED, CUT_TO_LENGTH, MOVED_ABOUT, STANDARD, STANDARD_CUT, FUSED})
  void biasesOfPositionsAreTrained(String body) {
    assertThat(isTrainable("0.3, -4, 1.5, -20", body)).isTrue();
    assertThat(isTrainable("0, -100, -60, 0", body)).isTrue();
    assertThat(isTrainable("0, 0, 0, 0", body)).isTrue();
  }

  /** What is multiplied, and other operands of attention, hide nothing, whatever they hold. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = MatMul(x, table)",
        "y = com.microsoft.MultiHeadAttention<num_heads = 1>(x, table, x)",
      })
  void weightsAreTrained(String body) {
    assertThat(isTrainable("0, -100, 0, 0", body)).isTrue();
  }
}
