package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.autodiff.Parameters;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightDecayTest {
  private static final int BLOCKS_OF_SWIN = 3;

  private static List<Value> tables(Model model) {
    return Parameters.candidates(model).stream()
        .filter(Parameters::trainable)
        .filter(value -> extents(value) > 1)
        .toList();
  }

  private static long extents(Value value) {
    return Arrays.stream(Objects.requireNonNull(ConstantValue.of(value)).dims())
        .filter(extent -> extent > 1)
        .count();
  }

  private static Stream<String> undecayed(String fixture) {
    return tables(Fixture.of(fixture).model()).stream()
        .filter(value -> !WeightDecay.applies(value))
        .map(Value::name);
  }

  /** Every tensor of one real axis is a bias, a norm, a scale or a token. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused",
        "timm_vit_layerscale",
        "hf_vit__fused_vit",
        "hf_bert_eager_legacy",
        "timm_vit_conv_mlp"
      })
  void vectorsAreLeftAlone(String fixture) {
    for (Value value : Parameters.candidates(Fixture.of(fixture).model())) {
      if (extents(value) < 2) {
        assertThat(WeightDecay.applies(value)).as(value.name()).isFalse();
      }
    }
  }

  /** Where the one table that is added is the position embedding, also in fused operators. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused",
        "timm_vit__fused_vit",
        "hf_vit__fused_vit",
        "hf_vit__onnx_attention23_3d",
        "hf_deit_legacy",
        "timm_vit__gemm_transB",
        "tv_vit_legacy",
        "timm_vit_conv_mlp"
      })
  void positionsAreLeftAloneAndMatricesDecay(String fixture) {
    assertThat(undecayed(fixture)).hasSize(1);
    assertThat(tables(Fixture.of(fixture).model())).hasSizeGreaterThan(6);
  }

  @Test
  void patchEmbeddingDecays() {
    Model model = Fixture.of("timm_vit_legacy_op17_unfused").model();
    Value kernel =
        tables(model).stream()
            .filter(value -> value.uses().get(0).node().is("Conv"))
            .findFirst()
            .orElseThrow();
    assertThat(WeightDecay.applies(kernel)).isTrue();
  }

  /** The tables of words, positions and types are added to one another; the rest multiplies. */
  @ParameterizedTest
  @ValueSource(strings = {"hf_bert_eager_legacy", "hf_bert__fused_bert"})
  void embeddingTablesOfTextAreLeftAlone(String fixture) {
    assertThat(undecayed(fixture)).hasSizeBetween(2, 3);
    assertThat(undecayed(fixture)).allMatch(name -> name.contains("embeddings"));
  }

  /** In a Swin they are added to the scores; what masks windows is no parameter at all. */
  @Test
  void relativePositionsAreLeftAlone() {
    Model model = Fixture.of("timm_swin_legacy").model();
    List<Value> added =
        tables(model).stream()
            .filter(value -> value.uses().stream().anyMatch(use -> use.node().is("Add")))
            .toList();
    assertThat(added).hasSize(BLOCKS_OF_SWIN).noneMatch(WeightDecay::applies);
    assertThat(undecayed("timm_swin_legacy")).hasSize(BLOCKS_OF_SWIN);
  }
}
