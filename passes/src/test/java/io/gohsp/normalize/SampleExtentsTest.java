package io.gohsp.normalize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Model;
import io.gohsp.text.OnnxText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleExtentsTest {
  /** What is added is of one extent, or one of the two is 1; what nothing brings together stays. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          b,s | c,t | b,u | FLOAT[b, s] | FLOAT[b, s] | FLOAT[b, s]
          b,s | c,? | b,? | FLOAT[b, s] | FLOAT[b, s] | FLOAT[b, s]
          b,? | c,? | b,? | FLOAT[b, x#1] | FLOAT[b, x#1] | FLOAT[b, x#1]
          b,s | c,7 | b,u | FLOAT[b, 7] | FLOAT[b, 7] | FLOAT[b, 7]
          b,s | c,1 | b,u | FLOAT[b, s] | FLOAT[b, 1] | FLOAT[b, s]
          """)
  void namesWhatIsAdded(String x, String y, String z, String newX, String newY, String newZ) {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[%s] x, float[%s] y, float[%s] z, float[b,w] other) => (sum, w) {
              both = Add(x, y) sum = Mul(both, z) w = Identity(other)
            }
            """
                .formatted(x, y, z));
    SampleExtents.run(model);
    assertThat(model.graph().inputs())
        .extracting(input -> String.valueOf(input.type()))
        .containsExactly(newX, newY, newZ, "FLOAT[b, w]");
  }

  /** Height and width may be multiplied with each other and are two all the same. */
  @Test
  void axesOfOneInputStayApart() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[b,h,w] x) => (y) { t = Transpose<perm = [0, 2, 1]>(x) y = Add(x, t) }
            """);
    SampleExtents.run(model);
    assertThat(String.valueOf(model.graph().inputs().get(0).type())).isEqualTo("FLOAT[b, h, w]");
  }
}
