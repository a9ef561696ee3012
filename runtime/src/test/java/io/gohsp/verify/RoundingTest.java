package io.gohsp.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.text.OnnxText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RoundingTest {
  private static final String GATED =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      gated (float[2] x) => (float[2] y)
        <float[2] gate = {0, 1}>
      {
        y = Mul (x, gate)
      }
      """;

  /** What is switched off is multiplied by nearly nothing, and that product is no subnormal. */
  @Test
  void theNeighbourOfZeroIsNoSubnormal() {
    Model model = OnnxText.parse(GATED);
    List<float[]> answers = new ArrayList<>();
    Rounding.of(model, OrtOptions.VERIFY.withThreads(1))
        .more(
            twin ->
                answers.add(
                    Objects.requireNonNull(
                            twin.run(Map.of("x", HostTensor.ofFloats(new long[] {2}, 1e-3f, 1)))
                                .get("y"))
                        .floats()));

    assertThat(answers).isNotEmpty();
    for (float[] answer : answers) {
      assertThat(Math.abs(answer[0])).isBetween(Float.MIN_NORMAL, 1e-30f);
      assertThat(answer[1]).isBetween(1 - 32 * Math.ulp(1f), 1 + 32 * Math.ulp(1f));
    }
  }
}
