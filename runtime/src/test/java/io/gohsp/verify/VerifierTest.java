package io.gohsp.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ort.Fixtures;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import io.gohsp.text.OnnxText;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifierTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final int DIM = 24;
  private static final int HEAD_SIZE = 6;

  private static Verdict compare(Model reference, Model candidate) {
    try (OrtProgram a = OrtProgram.compile(reference, OPTIONS);
        OrtProgram b = OrtProgram.compile(candidate, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(reference, a, Map.of(), 1);
      return Verifier.compare(a, b, inputs, 2, Rounding.of(reference, OPTIONS), Verdict.Mode.PLAIN);
    }
  }

  /** A ViT against a copy of itself that {@code change} spoils. */
  private static Verdict vit(Consumer<Model> change) {
    Model model = OnnxReader.read(Fixtures.model("timm_vit_legacy_op17_unfused"));
    Model changed = ModelCopy.of(model).model();
    change.accept(changed);
    return compare(model, changed);
  }

  /** The weight of the first packed projection of queries, keys and values. */
  private static Value qkv(Model model) {
    for (Node node : model.graph().nodes()) {
      Value weight = node.optionalInput(1);
      Tensor w = node.is("MatMul") && weight != null ? weight.constant() : null;
      if (w != null && Arrays.equals(w.dims(), new long[] {DIM, 3 * DIM})) {
        return weight;
      }
    }
    throw new AssertionError("no packed projection");
  }

  private static void editQkv(Model model, Consumer<float[]> edit) {
    Value weight = qkv(model);
    Tensor old = weight.constant();
    assertThat(old).isNotNull();
    float[] values = old.floats();
    edit.accept(values);
    weight.setConstant(Tensor.ofFloats(old.dims(), values));
  }

  /** Swaps column {@code a} of the packed projection with column {@code b}. */
  private static void swapColumns(float[] weight, int a, int b) {
    for (int row = 0; row < DIM; row++) {
      float kept = weight[row * 3 * DIM + a];
      weight[row * 3 * DIM + a] = weight[row * 3 * DIM + b];
      weight[row * 3 * DIM + b] = kept;
    }
  }

  @Test
  void aModelEqualsItself() {
    Verdict verdict = vit(model -> {});
    assertThat(verdict.passed()).as(verdict.summary()).isTrue();
    assertThat(verdict.maxAbsError()).isZero();
    assertThat(verdict.samples()).isEqualTo(2);
  }

  @Test
  void permutedHeadsInQueriesKeysAndValuesAreFound() {
    Verdict verdict =
        vit(
            model ->
                editQkv(
                    model,
                    weight -> {
                      for (int part = 0; part < 3; part++) {
                        for (int i = 0; i < HEAD_SIZE; i++) {
                          int column = part * DIM + i;
                          swapColumns(weight, column, column + HEAD_SIZE);
                        }
                      }
                    }));
    assertThat(verdict.passed()).as(verdict.summary()).isFalse();
    assertThat(verdict.maxRelError()).isGreaterThan(10 * verdict.tolerance().relative());
  }

  @Test
  void twoSwappedColumnsAreFound() {
    Verdict verdict =
        vit(model -> editQkv(model, weight -> swapColumns(weight, 2 * DIM, 2 * DIM + 1)));
    assertThat(verdict.passed()).as(verdict.summary()).isFalse();
  }

  @Test
  void aScaleFromTheNewWidthIsFound() {
    // What happens where 1/sqrt(d) is computed from the pruned width: queries of 5 columns instead
    // of 6.
    Verdict verdict =
        vit(
            model ->
                editQkv(
                    model,
                    weight -> {
                      for (int row = 0; row < DIM; row++) {
                        for (int column = 0; column < DIM; column++) {
                          weight[row * 3 * DIM + column] *= (float) Math.sqrt(6.0 / 5);
                        }
                      }
                    }));
    assertThat(verdict.passed()).as(verdict.summary()).isFalse();
    assertThat(verdict.reason()).contains("of its scale");
    assertThat(verdict.worstOutput()).isEqualTo("output");
  }

  /** Where a mistake shows least: six of the 42 columns that go into the GELU of one block. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused",
        "timm_vit__fp16_keepio",
        "timm_vit__int8_qdq",
        "hf_vit__int8_dynamic_perchannel"
      })
  void aMistakeIsAboveTheToleranceInEveryPrecision(String fixture) {
    Model model = OnnxReader.read(Fixtures.model(fixture));
    assertThat(compare(model, ModelCopy.of(model).model()).maxRelError()).isZero();
    Model changed = ModelCopy.of(model).model();
    Value weight =
        changed.graph().initializers().stream()
            .filter(v -> v.constant() != null && dims(v).equals(List.of(24L, 42L)))
            .findFirst()
            .orElseThrow();
    Tensor old = weight.constant();
    assertThat(old).isNotNull();
    int width = old.type().bits() / 8;
    byte[] bytes = new byte[(int) old.data().byteSize()];
    old.data().bytes().get(bytes);
    byte[] swapped = bytes.clone();
    for (int row = 0; row < 24; row++) {
      int start = row * 42 * width;
      System.arraycopy(bytes, start, swapped, start + 6 * width, 6 * width);
      System.arraycopy(bytes, start + 6 * width, swapped, start, 6 * width);
    }
    weight.setConstant(
        new Tensor(old.type(), old.dims(), new TensorData.Heap(ByteBuffer.wrap(swapped))));
    Verdict verdict = compare(model, changed);
    assertThat(verdict.passed()).as(verdict.summary()).isFalse();
    assertThat(verdict.maxRelError()).isGreaterThan(2 * verdict.tolerance().relative());
  }

  private static List<Long> dims(Value value) {
    Tensor constant = value.constant();
    return constant == null ? List.of() : Arrays.stream(constant.dims()).boxed().toList();
  }

  @Test
  void rewritesThatOnlyReorderSumsPass() {
    Model model = OnnxReader.read(Fixtures.model("timm_vit_legacy_op17_unfused"));
    try (OrtProgram plain = OrtProgram.compile(model, OPTIONS);
        OrtProgram optimised = OrtProgram.compile(model, OrtOptions.DEFAULT.withThreads(2))) {
      SampleInputs inputs = SampleInputs.find(model, plain, Map.of(), 1);
      Verdict verdict =
          Verifier.compare(
              plain, optimised, inputs, 3, Rounding.of(model, OPTIONS), Verdict.Mode.PLAIN);
      assertThat(verdict.passed()).as(verdict.summary()).isTrue();
      assertThat(verdict.maxRelError()).isPositive(); // the comparison saw different sums
    }
  }

  private static Verdict texts(String reference, String candidate) {
    String head = "<ir_version: 8, opset_import: [\"\" : 17]>\n";
    return compare(OnnxText.parse(head + reference), OnnxText.parse(head + candidate));
  }

  @Test
  void otherInputsOrOutputsAreNamed() {
    String plain = "g (float[N] x) => (float[N] y) { y = Neg(x) }";
    assertThat(texts(plain, "g (float[N] z) => (float[N] y) { y = Neg(z) }").reason())
        .isEqualTo("its inputs are [z] instead of [x]");
    assertThat(
            texts(plain, "g (float[N] x) => (float[N] y, float[N] e) { y = Neg(x) e = Abs(x) }")
                .reason())
        .isEqualTo("its outputs are [y, e] instead of [y]");
    assertThat(
            texts(plain, "g (float[N] x) => (double[N] y) { n = Neg(x) y = Cast<to = 11>(n) }")
                .reason())
        .startsWith("output \"y\" is declared DOUBLE");
  }

  @Test
  void aCandidateThatDoesNotRunFails() {
    Verdict verdict =
        texts(
            "g (float[N] x) => (float[N] y) { y = Neg(x) }",
            """
            g (float[N] x) => (float[N] y) <int64[1] shape = {5}> {
              [bad] r = Reshape(x, shape)
              y = Neg(r)
            }
            """);
    assertThat(verdict.passed()).isFalse();
    assertThat(verdict.reason()).contains("Reshape \"bad\"");
  }

  @Test
  void nothingComparableIsNoProof() {
    String text = "g (float[N] x) => (float[N] y) { n = Abs(x) m = Neg(n) y = Sqrt(m) }";
    assertThatThrownBy(() -> texts(text, text))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("answers nothing that can be compared: output \"y\" is NaN")
        .hasMessageContaining("all its weights are numbers");
  }

  @Test
  void aWeightThatIsNaNIsNamed() {
    String text =
        "g (float[N] x) => (float[N] y) <float[1] w = {0}> { r = Div(w, w) y = Mul(x, r) }";
    Model model = OnnxText.parse("<ir_version: 8, opset_import: [\"\" : 17]>\n" + text);
    model.graph().initializers().get(0).setConstant(Tensor.ofFloats(new long[] {1}, Float.NaN));
    assertThatThrownBy(() -> compare(model, model))
        .hasMessageContaining("its weight \"w\" has elements that are NaN");
  }

  @ParameterizedTest
  @CsvSource({"NaN,elements that are NaN", "Infinity,elements that are infinite"})
  void elementsThatAreNoNumbers(float element, String said) {
    String text =
        "g (float[N,3] x) => (float[N,3] y) <float[3] w = {1.0, 1.0, 1.0}> { z = Mul(x, w) n = Sub(z, z) y = Add(x, n) }";
    Model model = OnnxText.parse("<ir_version: 8, opset_import: [\"\" : 17]>\n" + text);
    Value weight = model.graph().initializers().get(0);
    weight.setConstant(Tensor.ofFloats(new long[] {3}, 1, element, 1));
    assertThat(compare(model, model).evidence().unseen())
        .as("one class of three")
        .containsExactly("1 of 3 elements of output \"y\", where the original answers no number");
    weight.setConstant(Tensor.ofFloats(new long[] {3}, element, element, element));
    assertThatThrownBy(() -> compare(model, model)).hasMessageContaining(said);
  }

  @Test
  void aModelThatDrawsRandomNumbersSaysSo() {
    String text =
        """
        g (float[N,4] x) => (float[N,4] y) {
          [noise] e = RandomNormalLike(x)
          y = Add(x, e)
        }
        """;
    assertThatThrownBy(() -> texts(text, text))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("RandomNormalLike \"noise\"")
        .hasMessageContaining("draws random numbers");
  }

  @Test
  void decisionsMustBeEqual() {
    Verdict verdict =
        texts(
            "g (float[N,7] x) => (int64[N] y) { y = ArgMax<axis = 1, keepdims = 0>(x) }",
            "g (float[N,7] x) => (int64[N] y) { y = ArgMin<axis = 1, keepdims = 0>(x) }");
    assertThat(verdict.passed()).isFalse();
    assertThat(verdict.reason()).contains("whole numbers");
  }
}
