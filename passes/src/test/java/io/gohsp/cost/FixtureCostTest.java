package io.gohsp.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxReader;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What exporters and tools make of one small Vision Transformer always costs the same. */
class FixtureCostTest {
  private static final BlockFormulas FORMULAS = new BlockFormulas(24, 17);
  private static final long PARAMS =
      2 * FORMULAS.blockParams(24, 24, 42) + FORMULAS.outerParams(48, 10);
  private static final long MACS = 2 * FORMULAS.blockMacs(24, 24, 42) + FORMULAS.outerMacs(48, 10);

  private static Cost cost(String name) {
    return CostModel.of(OnnxReader.read(Path.of("..", "testdata", "fixtures", name, "model.onnx")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op11_dynbatch",
        "timm_vit_legacy_op17_fused_dynbatch",
        "timm_vit_dynamo_op20_unfused_dynbatch",
        "timm_vit_dynamo_op23_noopt_dynbatch",
        "hf_vit_sdpa_legacy_dynbatch",
        "hf_vit_dyn__fused_vit",
        "rep_hf4_dynbatch",
        "rep_mergedbatch_dynbatch"
      })
  void countsOneExampleOfAnOpenBatch(String name) {
    assertThat(cost(name).params()).isEqualTo(PARAMS);
    assertThat(cost(name).macs()).isEqualTo(MACS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_nofold",
        "timm_vit_legacy_op17_initinputs",
        "timm_vit__external",
        "timm_vit__functions",
        "timm_vit__functions_shared",
        "timm_vit__gemm_transB",
        "timm_vit__shared_constants",
        "timm_vit__fp16_weights_cast",
        "timm_vit__int8_qdq",
        "timm_vit__int4_matmulnbits",
        "hf_vit__int8_dynamic_perchannel",
        "hf_vit__ms_mha",
        "hf_vit__onnx_attention23_3d",
        "hf_vit__fused_vit",
        "rep_einsum"
      })
  void countsBothExamplesOfAFixedBatch(String name) {
    assertThat(cost(name).params()).isEqualTo(PARAMS);
    assertThat(cost(name).macs()).isEqualTo(2 * MACS);
    assertThat(cost(name).uncounted()).isEmpty();
  }

  /** What a tool computed in advance is stored, and so it counts. */
  @ParameterizedTest
  @CsvSource({
    "timm_vit_dynamo_op18_unfused, 24, the class token for both examples",
    "hf_vit_eager_dynamo, 602, the same and an attention mask"
  })
  void countsWhatWasFolded(String name, long excess, String reason) {
    assertThat(cost(name).params()).as(reason).isEqualTo(PARAMS + excess);
  }

  @ParameterizedTest
  @CsvSource({"timm_vit_tied_blocks, 4482", "timm_vit_tied_mlp, 2082"})
  void countsTiedWeightsOnce(String name, long saved) {
    assertThat(cost(name).params()).isEqualTo(PARAMS - saved);
    assertThat(cost(name).macs()).isEqualTo(2 * MACS);
  }

  @ParameterizedTest
  @CsvSource({
    "timm_vit__int8_qdq, 1.5",
    "timm_vit__int4_matmulnbits, 2.5",
    "timm_vit__fp16_io16, 2"
  })
  void countsBytesAsStored(String name, double times) {
    assertThat(4.0 * PARAMS / cost(name).bytes()).isGreaterThanOrEqualTo(times);
  }
}
