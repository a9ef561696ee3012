package io.gohsp;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.equivalence.Verification;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.Narrowings;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.tensor.Tensor;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.StreamPoint;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A narrow stream is compared too, behind every block: with the original's, brought into its
 * channels by the plan's directions. {@code -Dfixtures=all} takes all fixtures.
 */
class NarrowStreamProbesTest {
  private static final Verification VERIFICATION = new Verification(2, 0, Map.of(), Device.CPU, 1);

  private static final List<String> FORMS =
      List.of(
          "timm_vit_layerscale",
          "timm_vit_parallel_scaling",
          "timm_vit_conv_mlp",
          "hf_vit_dyn__fused_vit",
          "timm_vit_native_fp16",
          "rep_gemm2d",
          "hf_t5_encoder",
          "hf_llama_gqa_dynamo_op23",
          "hf_vit__fused_vit",
          "hf_bert__fused_bert");

  @TestFactory
  Stream<DynamicTest> isWhatThePlanSays() {
    List<Fixture> fixtures =
        "all".equals(System.getProperty("fixtures"))
            ? Fixture.all()
            : FORMS.stream().map(Fixture::of).toList();
    return fixtures.stream()
        .map(fixture -> DynamicTest.dynamicTest(fixture.name(), () -> check(fixture)));
  }

  private static void check(Fixture fixture) {
    Model model = fixture.model();
    PruningPlan plan = plan(model, new Random(fixture.name().hashCode()));
    if (!plan.streams().isEmpty()) {
      Verdict verdict =
          VERIFICATION.compare(model, plan, Verdict.Mode.MASKED, Pruning.prune(model, plan));
      assertThat(verdict.passed()).as("%s; %s", verdict.summary(), plan).isTrue();
      boolean nested = fixture.name().equals("timm_vit__if_captured"); // all blocks are in an If
      assertThat(verdict.evidence().streams() > 0).isNotEqualTo(nested);
      long said =
          verdict.evidence().unseen().stream().filter(text -> text.contains("stream")).count();
      // Two MLPs of this one make a bias for each head, which is added to scores and to no stream.
      int outside = fixture.name().equals("timm_vit_relpos_mlp") ? 4 : 0;
      assertThat(verdict.evidence().streams() + said)
          .as("looked at, or named as not: %s", verdict.evidence())
          .isEqualTo(inside(model) - outside);
    }
  }

  /** What blocks add to streams and the streams behind them, but for what the model returns. */
  private static long inside(Model model) {
    return StreamPoint.of(WorkingModel.normalized(model).blocks()).stream()
        .flatMap(point -> Stream.of(point.contribution(), point.stream()))
        .filter(value -> value != null && !value.isGraphOutput())
        .count();
  }

  private static PruningPlan plan(Model model, Random random) {
    WorkingModel working = WorkingModel.normalized(model);
    return Cuts.ragged(working.blocks(), EnumSet.allOf(Part.class), random.nextLong())
        .narrowing(Narrowings.some(working, random));
  }

  /** A thousandth of one weight of the first block: no output tells, the stream does. */
  @Test
  void showsWhatOutputsDoNot() {
    Model model = Fixture.of("timm_vit_legacy_op17_unfused").model();
    PruningPlan plan = plan(model, new Random(3));
    Model pruned = Pruning.prune(model, plan);
    Node layer =
        pruned.graph().nodes().stream()
            .filter(node -> node.name().endsWith("blocks.0/mlp/fc2/MatMul"))
            .findFirst()
            .orElseThrow();
    Tensor old = ConstantValue.of(layer.input(1));
    float[] numbers = old.floats();
    numbers[1] *= 1.0015f;
    ConstantValue.replace(layer.input(1), Tensor.ofFloats(old.type(), old.dims(), numbers));

    Verdict verdict = VERIFICATION.compare(model, plan, Verdict.Mode.MASKED, pruned);
    assertThat(verdict.passed()).isFalse();
    assertThat(verdict.summary()).contains("the MLP of block 0");
    assertThat(outputs(Pruning.mask(model, plan), pruned).passed()).isTrue();
  }

  private static Verdict outputs(Model reference, Model pruned) {
    OrtOptions options = OrtOptions.VERIFY.withThreads(1);
    try (OrtProgram masked = OrtProgram.compile(reference, options);
        OrtProgram cut = OrtProgram.compile(pruned, options)) {
      SampleInputs inputs = SampleInputs.find(reference, masked, Map.of(), 0);
      return Verifier.compare(
          masked, cut, inputs, 2, Rounding.of(reference, options), Verdict.Mode.MASKED);
    }
  }
}
