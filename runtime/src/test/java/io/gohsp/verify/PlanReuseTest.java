package io.gohsp.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Fixtures;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.RandomImportance;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.Share;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A plan made on one form of a model means the same on its other forms: it prunes them exactly, and
 * where both forms compute the same before, they compute the same after.
 */
class PlanReuseTest {
  /**
   * Quantisation moves activations; only the masked form of the same quantised model can be equal.
   */
  private static final String QUANTIZED = "quantized";

  private static final String HALF = "half";

  /** Weights rounded by 2⁻¹¹ each, and some twenty roundings of activations. */
  private static final double HALVES = 1e-2;

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource({
    "timm_vit_legacy_op17_unfused, timm_vit__fp16_io16, half",
    "timm_vit_legacy_op17_unfused, timm_vit__fp16_keepio, half",
    "timm_vit_legacy_op17_unfused, timm_vit__fp16_weights_cast, half",
    "timm_vit_legacy_op17_unfused, timm_vit__int8_qdq, quantized",
    "timm_vit_legacy_op17_unfused, timm_vit__ort_basic, same",
    "timm_vit_legacy_op17_unfused, timm_vit__ort_extended, same",
    "timm_vit_legacy_op17_unfused, timm_vit__fused_vit, same",
    "timm_vit_legacy_op17_unfused, timm_vit__gemm_transB, same",
    "timm_vit_legacy_op17_unfused, timm_vit__functions_shared, same",
    "timm_vit_legacy_op17_unfused, timm_vit__if_captured, same",
    "timm_vit_legacy_op17_unfused, timm_vit__shared_constants, same",
    "timm_vit_legacy_op17_unfused, timm_vit__external, same",
    "timm_vit_legacy_op17_unfused, timm_vit_legacy_op17_fused, same",
    "timm_vit_legacy_op17_fused, timm_vit_fused__ort_extended, same",
    "timm_vit_legacy_op17_fused, timm_vit__shuffled, same",
    "timm_vit_legacy_op17_fused, timm_vit_op17b__converted_to21, same",
    "hf_vit_eager_legacy, hf_vit__fp16_keepio, half",
    "hf_vit_eager_legacy, hf_vit__fused_fp16, half",
    "hf_vit_eager_legacy, hf_vit__int8_dynamic_perchannel, quantized",
    "hf_vit_eager_legacy, hf_vit__ms_mha, same",
    "hf_vit_eager_legacy, hf_vit__onnx_attention23_3d, same",
    "hf_vit_eager_legacy, hf_vit__ort_extended, same",
    "hf_vit_eager_legacy, hf_vit__fused_vit, same",
    "hf_bert_eager_legacy, hf_bert__fused_bert, same",
    "hf_bert_eager_legacy, hf_bert__ort_extended, same",
    "rep_bert4, rep_bert4__fused_bert, same",
    "hf_gpt2_legacy, hf_gpt2__ort_extended, same",
  })
  void planFitsOtherForm(String original, String form, String expected) {
    Model base = OnnxReader.read(Fixtures.model(original));
    Model other = OnnxReader.read(Fixtures.model(form));
    PruningPlan plan = halfPlan(base);

    Model pruned = Pruning.prune(other, plan);
    Model reference = Pruning.mask(other, plan);
    try (OrtProgram masked = OrtProgram.compile("masked", reference, OrtOptions.VERIFY);
        OrtProgram candidate = OrtProgram.compile("pruned", pruned, OrtOptions.VERIFY)) {
      SampleInputs inputs = SampleInputs.find(other, masked, Map.of(), 1);
      Verdict verdict =
          Verifier.compare(
              masked,
              candidate,
              inputs,
              2,
              Rounding.of(reference, OrtOptions.VERIFY),
              Verdict.Mode.MASKED);
      assertThat(verdict.passed()).as(verdict.summary()).isTrue();
    }
    if (!expected.equals(QUANTIZED)) {
      sameAsPrunedBase(base, plan, pruned, expected);
    }
  }

  private static void sameAsPrunedBase(
      Model base, PruningPlan plan, Model pruned, String expected) {
    Model smaller = Pruning.prune(base, plan);
    try (OrtProgram reference = OrtProgram.compile("pruned original", smaller, OrtOptions.VERIFY);
        OrtProgram candidate = OrtProgram.compile("pruned form", pruned, OrtOptions.VERIFY)) {
      if (!reference.inputs().equals(candidate.inputs())) {
        assertThat(expected).isEqualTo(HALF); // half at the border as well
        return;
      }
      SampleInputs inputs = SampleInputs.find(base, reference, Map.of(), 1);
      if (expected.equals(HALF)) {
        assertThat(difference(reference, candidate, inputs)).isLessThan(HALVES);
        return;
      }
      Verdict verdict =
          Verifier.compare(
              reference,
              candidate,
              inputs,
              2,
              Rounding.of(smaller, OrtOptions.VERIFY),
              Verdict.Mode.PLAIN);
      assertThat(verdict.passed()).as(verdict.summary()).isTrue();
    }
  }

  /** The largest difference by the largest element. */
  private static double difference(OrtProgram a, OrtProgram b, SampleInputs inputs) {
    double[] expected = a.run(inputs.sample(0)).values().iterator().next().doubles();
    double[] actual = b.run(inputs.sample(0)).values().iterator().next().doubles();
    double scale = 0;
    double off = 0;
    for (int i = 0; i < expected.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      off = Math.max(off, Math.abs(expected[i] - actual[i]));
    }
    return off / scale;
  }

  private static PruningPlan halfPlan(Model model) {
    WorkingModel working = WorkingModel.normalized(model);
    Share half = Share.parse("--heads", "50%");
    return PlanSelector.select(
        working,
        RandomImportance.of(working.blocks(), 3),
        SelectionOptions.of(half, half, half, half),
        Map.of());
  }
}
