package io.gohsp.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.text.OnnxText;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearLayerTest {
  private static final String HEADER =
      "<ir_version: 8, opset_import: [\"\" : 17, \"com.microsoft\" : 1]> ";

  /** A graph of three inputs and two outputs; w counts 1, 2 …, all biases are ones. */
  private static Model model(String w, String nodes) {
    return OnnxText.parse(
        HEADER
            + "g (float[4,3] x, float[1,3,4] image) => (y) <float"
            + w
            + " w = {1, 2, 3, 4, 5, 6}, float[2] b = {1, 1}, float[2,1] column = {1, 1}> {"
            + nodes
            + "}");
  }

  private static LinearLayer layer(Model model) {
    Node node =
        model.graph().nodes().stream()
            .filter(n -> !n.is("Transpose") && !n.is("Identity"))
            .findFirst()
            .orElseThrow();
    return LinearLayer.of(node);
  }

  private static float[] numbers(Model model, String name) {
    return model.graph().initializers().stream()
        .filter(value -> value.name().equals(name))
        .map(value -> Objects.requireNonNull(value.constant()).floats())
        .findFirst()
        .orElseThrow();
  }

  /** ΔW = [[10, 20], [30, 40], [50, 60]] lands where the operator reads it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[3,2] | y = MatMul(x, w)                        | 11 22 33 44 55 66",
        "[2,3] | t = Transpose <perm = [1, 0]> (w)  y = MatMul(x, t) | 11 32 53 24 45 66",
        "[2,3] | i = Identity(w) y = com.microsoft.FusedMatMul <transB = 1> (x, i)"
            + " | 11 32 53 24 45 66",
        "[2,3] | y = Gemm <transB = 1> (x, w, b)         | 11 32 53 24 45 66",
        "[2,3,1] | y = Conv (image, w, b)                | 11 32 53 24 45 66",
        "[3,1,2] | y = Einsum <equation = \"nc,cde->nde\"> (x, w) | 11 22 33 44 55 66"
      })
  void changesTheWeightWhereItIsStored(String w, String nodes, String expected) {
    Model model = model(w, nodes);
    LinearLayer layer = layer(model);
    assertThat(layer.inputs()).isEqualTo(3);
    assertThat(layer.outputs()).isEqualTo(2);
    layer.add(new double[] {10, 20, 30, 40, 50, 60}, new double[2]);
    String[] words = expected.split(" ");
    float[] numbers = new float[words.length];
    for (int i = 0; i < words.length; i++) {
      numbers[i] = Float.parseFloat(words[i]);
    }
    assertThat(numbers(model, "w")).containsExactly(numbers);
    assertThat(layer.stored().name()).isEqualTo("w");
    assertThat(layer.isStoredByInputs()).isEqualTo(numbers[1] == 22);
    double[] read = layer(model).weights(); // [inputs, outputs], however it is stored
    double[] stored = new double[words.length];
    for (int i = 0; i < stored.length; i++) {
      stored[layer.isStoredByInputs() ? i : i % 3 * 2 + i / 3] = numbers[i];
    }
    assertThat(read).containsExactly(stored);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[3,2] | b | m = MatMul(x, w) y = Add(m, b)",
        "[3,2] | b | m = MatMul(x, w) y = Add(b, m)",
        "[2,3] | b | y = Gemm <transB = 1> (x, w, b)",
        "[2,3,1] | b | y = Conv (image, w, b)",
        "[2,3,1] | column | m = Conv (image, w) y = Add(m, column)"
      })
  void changesTheBias(String w, String name, String nodes) {
    Model model = model(w, nodes);
    LinearLayer layer = layer(model);
    assertThat(layer.hasBias()).isTrue();
    layer.add(new double[6], new double[] {4, 5});
    assertThat(numbers(model, name)).containsExactly(5, 6);
  }

  /** Nothing behind it, an activation, or something along another axis. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "y = MatMul(x, w)",
        "m = MatMul(x, w) y = Add(m, m)",
        "m = MatMul(x, w) y = Mul(m, b)",
        "m = MatMul(x, w) z = Relu(m) y = Add(m, b)"
      })
  void hasNoBias(String nodes) {
    assertThat(layer(model("[3,2]", nodes)).hasBias()).isFalse();
  }

  /** The other reader keeps what it has. */
  @Test
  void copiesABiasThatOthersRead() {
    Model model = model("[3,2]", "m = MatMul(x, w) n = Add(m, b) y = Mul(n, b)");
    layer(model).add(new double[6], new double[] {4, 5});
    Node add = model.graph().nodes().get(1);
    Value own = add.input(1);
    assertThat(Objects.requireNonNull(own.constant()).floats()).containsExactly(5, 6);
    assertThat(numbers(model, "b")).containsExactly(1, 1);
    assertThat(model.graph().nodes().get(2).input(1).name()).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[3,2] | y = Gemm <alpha = 2.0> (x, w) | not understood",
        "[3,2] | y = com.microsoft.FusedMatMul <alpha = 2.0> (x, w) | not understood",
        "[2,3,1] | y = Conv <pads = [1, 1]> (image, w) | not understood",
        "[2,1,3] | y = Conv (image, w) | not understood",
        "[3,2] | y = Einsum <equation = \"nc,cd->dn\"> (x, w) | not understood",
        "[3,2] | m = MatMul(x, w) n = MatMul(x, w) y = Add(m, n) | shares its weight",
        "[3,2] | y = Mul(x, x) | not known as a linear layer",
        "[2,3] | y = MatMul(w, x) | not stored as real numbers"
      })
  void isNone(String w, String nodes, String reason) {
    assertThatThrownBy(() -> layer(model(w, nodes)))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining(reason);
  }
}
