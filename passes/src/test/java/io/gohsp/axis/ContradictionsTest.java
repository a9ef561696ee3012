package io.gohsp.axis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.ModelException;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.text.OnnxText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nodes that break their operator's definition are named, whichever rule finds out. */
class ContradictionsTest {
  private static WorkingModel working(String inputs, String nodes) {
    return WorkingModel.normalized(
        OnnxText.parse(
            "<ir_version: 10, opset_import: [\"\" : 23, \"com.microsoft\" : 1, \"local\" : 1]>\n"
                + "g ("
                + inputs
                + ") => (y) {\n"
                + nodes
                + "\n}\n<domain: \"local\", opset_import: [\"\" : 23]> f (a) => (b) { b = Relu(a) }"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          float[2,3] x | y = LpNormalization<axis = 5>(x) | LpNormalization "-> y": there is no axis 5
          float[4] x, float[4] s | y = BatchNormalization(x, s, s, s, s) | BatchNormalization "-> y": there is no axis 1
          int8[2,3] x, float[3] s | y = DequantizeLinear<axis = 3>(x, s) | DequantizeLinear "-> y": there is no axis 3
          float x, float[4,2] s | y = RotaryEmbedding(x, s, s) | RotaryEmbedding "-> y": its operands and attributes
          float[2] x | y, z = local.f(x) | returns a value that the function does not compute
          """)
  void isMalformed(String inputs, String nodes, String message) {
    assertThatThrownBy(() -> working(inputs, nodes))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessageContaining(message.strip());
  }

  /** The axis of a scale or the channels of a vector need not exist where they do not matter. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          float[4] x, float[1] s | y = BatchNormalization(x, s, s, s, s)
          int8[3] x, float[1] s | y = DequantizeLinear<axis = 3>(x, s)
          int8[3] x, float s | y = DequantizeLinear(x, s)
          """)
  void isNotLookedAtWhereItDoesNotMatter(String inputs, String nodes) {
    assertThat(working(inputs, nodes).blocks()).isEmpty();
  }

  /** One head at a time, and all again: the sum of pieces that have one position each. */
  @Test
  void axisOfPiecesWithOnePosition() {
    WorkingModel model =
        working(
            "float[1,2,4] x, float[2,4] w",
            """
            a, b = Split<axis = 1, num_outputs = 2>(x)
            y = Concat<axis = 1>(b, a)
            """);

    assertThat(model.analysis().layout(model.model().graph().outputs().get(0))).hasSize(3);
  }
}
