package io.gohsp.witness;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.GeneratedTransformer;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.text.OnnxText;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The second reading of a plan never contradicts a file that is right, reads all of nearly every
 * model, and notices when parts of a plan are mixed up.
 */
class WitnessTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);

  /**
   * Models of which some part is not read: MLPs of constants, as many tokens as columns, as many
   * neurons as another layer is wide, heads that mix before the softmax, queries that score
   * positions too or have a norm, a stream made of heads, branches.
   */
  private static final Map<String, Integer> UNREAD =
      Map.ofEntries(
          Map.entry("hf_detr_detection", 2),
          Map.entry("hf_dinov2_legacy", 2),
          Map.entry("hf_hubert_dynamo", 4),
          Map.entry("hf_wavlm", 4),
          Map.entry("rep_sam_dynbatch", 4),
          Map.entry("hf_swin_dynamo", 3),
          Map.entry("hf_swin_legacy", 3),
          Map.entry("hf_vit__int8_dynamic_perchannel", 4),
          Map.entry("nn_encoder__ort_extended", 4),
          Map.entry("timm_cait", 4),
          Map.entry("timm_hiera", 4),
          Map.entry("timm_levit", 4),
          Map.entry("timm_pit", 2),
          Map.entry("timm_swin_legacy", 3),
          Map.entry("timm_swin_legacy_dynbatch", 3),
          Map.entry("timm_swinv2_dynbatch", 6),
          Map.entry("timm_vit__if_captured", 4),
          Map.entry("timm_vit_diff_parallel", 6),
          Map.entry("timm_vit_mappool", 2),
          Map.entry("timm_vit_relpos_mlp", 2));

  @TestFactory
  Stream<DynamicTest> fixtures() {
    return Fixture.sample("WitnessTest").stream()
        .filter(fixture -> !fixture.name().startsWith("neg_"))
        .map(
            fixture ->
                DynamicTest.dynamicTest(
                    fixture.name(),
                    () ->
                        check(
                            fixture.model(),
                            fixture.name().hashCode(),
                            UNREAD.getOrDefault(fixture.name(), 0))));
  }

  @TestFactory
  Stream<DynamicTest> generated() {
    return LongStream.range(100, 112)
        .mapToObj(GeneratedTransformer::random)
        .map(
            written ->
                DynamicTest.dynamicTest(
                    written.toString(), () -> check(written.model(), written.seed(), 8)));
  }

  /** One axis counts heads and samples through, either the faster. */
  @ParameterizedTest
  @CsvSource({
    "'0,2,1,3', '-1,2,5,3', '0,2,1,3'", // [batch, heads, ..]
    "'2,0,1,3', '2,-1,5,3', '1,2,0,3'"
  })
  void headsOnTheAxisOfTheBatch(String apart, String unfolded, String back) {
    Random random = new Random(5);
    String weights =
        Stream.of("wq", "wk", "wv", "wo")
            .map(
                name ->
                    "float[6,6] %s = {%s}, "
                        .formatted(
                            name,
                            random
                                .doubles(36, -1, 1)
                                .mapToObj(weight -> String.format(Locale.ROOT, "%.3f", weight))
                                .collect(Collectors.joining(","))))
            .collect(Collectors.joining());
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            attention (float[b,5,6] x) => (float[b,5,6] y)
            <%s int64[4] split = {0,5,2,3}, int64[3] folded = {-1,5,3}, int64[4] unfolded = {%s},
             int64[3] whole = {-1,5,6}>
            {
              q0 = MatMul(x, wq)
              q1 = Reshape(q0, split)
              q2 = Transpose<perm = [%s]>(q1)
              q3 = Reshape(q2, folded)
              k0 = MatMul(x, wk)
              k1 = Reshape(k0, split)
              k2 = Transpose<perm = [%s]>(k1)
              k3 = Reshape(k2, folded)
              k4 = Transpose<perm = [0,2,1]>(k3)
              v0 = MatMul(x, wv)
              v1 = Reshape(v0, split)
              v2 = Transpose<perm = [%s]>(v1)
              v3 = Reshape(v2, folded)
              scores = MatMul(q3, k4)
              seen = Softmax<axis = -1>(scores)
              o0 = MatMul(seen, v3)
              o1 = Reshape(o0, unfolded)
              o2 = Transpose<perm = [%s]>(o1)
              o3 = Reshape(o2, whole)
              o4 = MatMul(o3, wo)
              y = Add(x, o4)
            }
            """
                .formatted(weights, unfolded, apart, apart, apart, back));
    check(model, 3, 0);
  }

  private static void check(Model model, long seed, int unread) {
    List<Block> blocks = WorkingModel.normalized(model).blocks();
    PruningPlan plan = Cuts.ragged(blocks, EnumSet.allOf(Part.class), seed);
    try (OrtProgram original = OrtProgram.compile(model, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, original, Map.of(), 1);
      Witness witness = Witness.of(model, plan, inputs.sample(0), OPTIONS);
      assertThat(witness == null ? 0 : witness.read())
          .as("parts read of %s", plan)
          .isGreaterThanOrEqualTo(PlanPart.of(plan).size() - unread);
      if (witness != null) {
        requireEqual(witness.model(), Pruning.prune(model, plan), inputs);
      }
    }
  }

  private static void requireEqual(Model reference, Model candidate, SampleInputs inputs) {
    try (OrtProgram second = OrtProgram.compile(reference, OPTIONS);
        OrtProgram pruned = OrtProgram.compile(candidate, OPTIONS)) {
      Verdict verdict =
          Verifier.compare(
              second, pruned, inputs, 1, Rounding.of(reference, OPTIONS), Verdict.Mode.MASKED);
      assertThat(verdict.passed()).as(verdict.summary()).isTrue();
    }
  }
}
