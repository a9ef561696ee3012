package io.gohsp.zero;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.text.OnnxText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Four neurons, of which number 1 is zero or nearly so. */
class ZeroRulesTest {
  private static final String W1 = "float[3,4] w1 = {1,0,3,4, 5,-0.0,7,8, 9,0,2,3}";
  private static final String B1 = "float[4] b1 = {1,0,0,2}";
  private static final String W2 = "float[4,3] w2 = {1,2,3, 4,5,6, 7,8,9, 1,2,3}";
  private static final String NUMBERS =
      "float one = {1}, float two = {2}, float half = {0.5}, float low = {-1}";

  private static List<Integer> dead(String initializers, String body) {
    String text =
        """
        <ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1]>
        g (float[2,3] x) => (float[2,3] y) <%s, %s> {
          %s
          y = Add(x, o)
        }
        """
            .formatted(initializers, NUMBERS, body);
    ZeroedModel model = ZeroedModel.of(OnnxText.parse(text));
    assertThat(model.blocks).hasSize(1);
    assertThat(model.blocks.get(0).mlp().neurons().isPrunable()).isTrue();
    return model.dead().blocks().get(0).neurons();
  }

  private static List<Integer> deadMlp(String w1, String b1, String w2, String activation) {
    return dead(
        String.join(", ", w1, b1, w2),
        "h = MatMul(x, w1) a = Add(h, b1) " + activation + " o = MatMul(r, w2)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "r = Relu(a)",
        "r = Gelu(a)",
        "r = HardSwish(a)",
        "s = Sigmoid(a) r = Mul(a, s)",
        "s = Div(a, two) e = Erf(s) p = Add(e, one) m = Mul(a, p) r = Mul(m, half)",
        "r = Clip(a, low, one)",
        "r = Pow(a, two)",
        "r = com.microsoft.BiasGelu(h, b1)",
        "s = Softplus(a) t = Tanh(s) r = Mul(a, t)",
        "c = Less(a, half) n = Neg(a) r = Where(c, a, n)",
        "s = Concat<axis = 0>(a, a) t, r = Split<axis = 0, num_outputs = 2>(s)",
        "c = Cast<to = 10>(a) r = Cast<to = 1>(c)",
      })
  void zeroPasses(String activation) {
    assertThat(deadMlp(W1, B1, W2, activation)).containsExactly(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "r = Sigmoid(a)",
        "r = Exp(a)",
        "r = Cos(a)",
        "r = Softplus(a)",
        "r = HardSigmoid(a)",
        "r = Add(a, one)",
        "r = Sub(one, a)",
        "r = Div(one, a)",
        "r = Pow(two, a)",
        "r = Pow(a, low)",
        "r = Clip(a, half, one)",
        "s = Sigmoid(a) r = Max(a, s)",
        "c = Less(a, half) n = Exp(a) r = Where(c, a, n)",
        "r = Max(a, half)",
      })
  void somethingElseIsMadeOfZero(String activation) {
    assertThat(deadMlp(W1, B1, W2, activation)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,0,3,4, 5,1e-30,7,8, 9,0,2,3 | 1,0,0,2",
        "1,0,3,4, 5,1e-42,7,8, 9,0,2,3 | 1,0,0,2",
        "1,0,3,4, 5,0,7,8, 9,0,2,3     | 1,1e-30,0,2",
        "1,0,3,4, 5,0,7,8, 9,0,2,nan   | 1,nan,0,2",
      })
  void nearlyZeroIsNot(String w1, String b1) {
    String weights = "float[3,4] w1 = {%s}".formatted(w1);
    String biases = "float[4] b1 = {%s}".formatted(b1);

    assertThat(deadMlp(weights, biases, W2, "r = Relu(a)")).isEmpty();
  }

  @Test
  void whatNobodyReadsIsDeadWhateverItIs() {
    String w1 = "float[3,4] w1 = {1,2,3,4, 5,6,7,8, 9,1,2,3}";
    String rows = "float[4,3] w2 = {1,2,3, 4,5,6, 0,0,-0.0, 1,2,3}";
    String almost = "float[4,3] w2 = {1,2,3, 4,5,6, 0,1e-30,0, 1,2,3}";

    assertThat(deadMlp(w1, B1, rows, "r = Sigmoid(a)")).containsExactly(2);
    assertThat(deadMlp(w1, B1, almost, "r = Sigmoid(a)")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "uint8 | 128     | 1,128,3,4, 5,128,7,8, 9,128,2,3 | 1",
        "uint8 | 127     | 1,128,3,4, 5,128,7,8, 9,128,2,3 |",
        "uint8 | 128     | 1,128,3,4, 5,129,7,8, 9,128,2,3 |",
        "int8  | -3      | 1,-3,3,4, 5,-3,7,8, 9,-3,2,3    | 1",
        "int8  | 5,6,7,8 | 1,6,3,4, 5,6,7,8, 9,6,2,3       | 1",
        "int8  | 6,5,7,8 | 1,6,3,4, 5,6,7,8, 9,6,2,3       |",
        "int4  | -3      | 1,-3,3,4, 5,-3,7,-8, 2,-3,2,3   | 1",
        "uint4 | 9       | 1,9,3,4, 5,9,7,8, 2,9,2,3       | 1",
        "uint4 | 9       | 1,9,3,4, 5,9,7,8, 2,8,2,3       |",
      })
  void wholeNumbersAreZeroAtTheirZeroPoint(
      String type, String zeroPoint, String w1, String expected) {
    boolean one = !zeroPoint.contains(",");
    String initializers =
        "%s[3,4] q = {%s}, %s%s z = {%s}, float%s s = {%s}, %s, %s"
            .formatted(
                type,
                w1,
                type,
                one ? "" : "[4]",
                zeroPoint,
                one ? "" : "[4]",
                one ? "0.5" : "1,2,3,4",
                B1,
                W2);

    List<Integer> dead =
        dead(
            initializers,
            "w1 = DequantizeLinear<axis = 1>(q, s, z) h = MatMul(x, w1) a = Add(h, b1) r = Relu(a) o = MatMul(r, w2)");

    assertThat(dead).isEqualTo(expected == null ? List.of() : List.of(Integer.valueOf(expected)));
  }

  @Test
  void quantisedActivationsAreZeroAtTheirZeroPoint() {
    String initializers = String.join(", ", W1, B1, W2, "uint8 z = {100}, uint8 other = {99}");
    String body = "h = MatMul(x, w1) a = Add(h, b1) r = Relu(a) q = QuantizeLinear(r, half, z) ";

    assertThat(dead(initializers, body + "d = DequantizeLinear(q, half, z) o = MatMul(d, w2)"))
        .containsExactly(1);
    assertThat(dead(initializers, body + "d = DequantizeLinear(q, half, other) o = MatMul(d, w2)"))
        .isEmpty();
    assertThat(dead(initializers, body + "d = Cast<to = 1>(q) o = MatMul(d, w2)")).isEmpty();
  }

  @Test
  void rangesTakenAtRunTimeKeepWhatIsNotZero() {
    String rows = "uint8[4,3] q2 = {1,2,3, 4,5,6, 7,7,7, 1,2,3}, uint8 z2 = {7}";
    String initializers = String.join(", ", W1, B1, rows);
    String body = "h = MatMul(x, w1) a = Add(h, b1) r = Relu(a) ";
    String whole =
        "q, s, z = DynamicQuantizeLinear(r) i = MatMulInteger(q, q2, z, z2) f = Cast<to = 1>(i) o = Mul(f, s)";
    String fused = "o = com.microsoft.DynamicQuantizeMatMul(r, q2, half, z2)";
    String fixed =
        "k = QuantizeLinear(r, half, z2) i = MatMulInteger(k, q2, z2, z2) f = Cast<to = 1>(i) o = Mul(f, half)";

    assertThat(dead(initializers, body + whole)).containsExactly(1);
    assertThat(dead(initializers, body + fused)).containsExactly(1);
    assertThat(dead(initializers, body + fixed)).containsExactly(1, 2);
  }

  @Test
  void integerProductsAreFollowed() {
    String rows = "uint8[4,3] q2 = {1,2,3, 4,5,6, 7,7,7, 1,2,3}, uint8 z2 = {7}";
    String initializers = String.join(", ", W1, B1, rows);
    String body = "h = MatMul(x, w1) a = Add(h, b1) r = Relu(a) k = QuantizeLinear(r, half, z2) ";
    String toFloat = "o = com.microsoft.MatMulIntegerToFloat(k, q2, half, half, z2, z2)";
    String requantised =
        "p = QLinearMatMul(k, half, z2, q2, half, z2, half, z2) o = DequantizeLinear(p, half, z2)";

    assertThat(dead(initializers, body + toFloat)).containsExactly(1, 2);
    assertThat(dead(initializers, body + requantised)).containsExactly(1, 2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // columns of three nibbles, the fourth is padding; 0x88, 0x18 are all eights
        "1,2, 136,24, 3,4, 5,6 |         | 1",
        "1,2, 136,25, 3,4, 5,6 |         |",
        "1,2, 51,243, 3,4, 5,6 | 8,3,8,8 | 1",
        "1,2, 51,243, 3,4, 5,6 | 8,4,8,8 |",
      })
  void packedNibblesAreZeroAtTheirZeroPoint(String packed, String zeroPoints, String expected) {
    StringBuilder bytes = new StringBuilder();
    String[] given = packed.split(",");
    for (int i = 0; i < given.length; i += 2) {
      bytes
          .append(i == 0 ? "" : ",")
          .append(given[i])
          .append(',')
          .append(given[i + 1])
          .append(",9,9,9,9,9,9");
    }
    String initializers =
        "uint8[4,1,8] q = {%s}, float[4,1] s = {1,2,3,4}, %s, %s".formatted(bytes, B1, W2)
            + (zeroPoints == null ? "" : ", uint8[4,1] z = {%s}".formatted(zeroPoints));

    List<Integer> dead =
        dead(
            initializers,
            "h = com.microsoft.MatMulNBits<K = 3, N = 4, bits = 4, block_size = 16>(x, q, s%s) "
                    .formatted(zeroPoints == null ? "" : ", z")
                + "a = Add(h, b1) r = Relu(a) o = MatMul(r, w2)");

    assertThat(dead).isEqualTo(expected == null ? List.of() : List.of(Integer.valueOf(expected)));
  }

  @Test
  void otherSpellingsOfAProductAreFollowed() {
    String transposed = "float[4,3] w1 = {1,2,3, 0,0,0, 4,5,6, 7,8,9}";
    String bias = B1 + ", " + W2;

    assertThat(
            dead(
                transposed + ", " + bias,
                "a = Gemm<transB = 1>(x, w1, b1) r = Relu(a) o = MatMul(r, w2)"))
        .containsExactly(1);
    assertThat(
            dead(
                transposed + ", " + bias,
                "h = Einsum<equation = \"bk,nk->bn\">(x, w1) a = Add(h, b1) r = Relu(a) o = MatMul(r, w2)"))
        .containsExactly(1);
    assertThat(
            dead(
                transposed + ", " + bias,
                "h = com.microsoft.FusedMatMul<transB = 1>(x, w1) a = Add(h, b1) r = Relu(a) o = MatMul(r, w2)"))
        .containsExactly(1);
    assertThat(
            dead(
                transposed + ", " + bias,
                "a = com.microsoft.FusedGemm<transB = 1, activation = \"Sigmoid\">(x, w1, b1) o = MatMul(a, w2)"))
        .isEmpty();
  }
}
