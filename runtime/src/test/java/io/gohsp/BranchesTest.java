package io.gohsp;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.equivalence.Verification;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Device;
import io.gohsp.ort.HostTensor;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.text.OnnxText;
import io.gohsp.verify.Evidence.Taken;
import io.gohsp.verify.GivenSamples;
import io.gohsp.verify.Verdict;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples take both branches where inputs can make them, and the verdict says which were taken. */
class BranchesTest {
  private static final Verification VERIFICATION = new Verification(3, 0, Map.of(), Device.CPU, 1);

  private static final String MEAN = "m = ReduceMean<keepdims = 0>(x)\n c = Greater(m, half)";
  private static final String LENGTH = "s = Shape(x)\n l = Gather(s, one)\n c = Greater(l, twenty)";
  private static final String FLAG = "c = Identity(flag)";
  private static final String NEVER =
      "a = Abs(x)\n m = ReduceMin<keepdims = 0>(a)\n c = Less(m, minus)";

  /** An MLP of 12 neurons, and another matrix behind it in each branch. */
  private static Model model(String condition) {
    return model(condition, "MatMul(p, right)");
  }

  private static Model model(String condition, String other) {
    return OnnxText.parse(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N,L,8] x, bool flag) => (float[N,L,8] y)
        <float[8] g = random(1, 0.6), float[8,12] w1 = random(2, 0.6), float[12] b1 = random(3, 0.6),
         float[12,8] w2 = random(4, 0.6), float[8,8] left = random(5, 0.6), float[8,8] right = random(6, 0.6),
         float half = {0.5}, float minus = {-1}, float tiny = {0.0000000001}, int64 one = {1}, int64 twenty = {20}> {
          n = LayerNormalization<axis = -1>(x, g)
          h = MatMul(n, w1)
          hb = Add(h, b1)
          r = Relu(hb)
          o = MatMul(r, w2)
          p = Add(x, o)
          CONDITION
          [choice] y = If<
            then_branch = t () => (float[N,L,8] ty) { ty = MatMul(p, left) },
            else_branch = e () => (float[N,L,8] ey) { ey = OTHER }
          >(c)
        }
        """
            .replace("CONDITION", condition)
            .replace("OTHER", other));
  }

  private static PruningPlan plan(Model model) {
    return Cuts.halves(WorkingModel.normalized(model).blocks(), EnumSet.of(Part.NEURONS), 3);
  }

  private static Verdict compare(Model model, Model pruned) {
    return VERIFICATION.compare(model, plan(model), Verdict.Mode.MASKED, pruned);
  }

  private static Model tampered(Model pruned, String weight) {
    Model copy = ModelCopy.of(pruned).model();
    Value value =
        copy.graph().initializers().stream()
            .filter(v -> v.name().equals(weight))
            .findFirst()
            .orElseThrow();
    Tensor old = Objects.requireNonNull(value.constant());
    float[] numbers = old.floats();
    numbers[9] *= 1.05f;
    value.setConstant(Tensor.ofFloats(old.dims(), numbers));
    return copy;
  }

  @ParameterizedTest
  @ValueSource(strings = {MEAN, LENGTH, FLAG})
  void bothBranchesAreTakenWhereAnInputDecides(String condition) {
    Model model = model(condition);
    Model pruned = Pruning.prune(model, plan(model));
    Verdict right = compare(model, pruned);
    assertThat(right.passed()).as(right.summary()).isTrue();
    assertThat(right.evidence().branches()).containsExactly(Map.entry("If \"choice\"", Taken.BOTH));
    assertThat(right.evidence().parts()).contains("both branches of If \"choice\"");
    assertThat(right.evidence().unseen()).isEmpty();
    for (String weight : new String[] {"left", "right"}) {
      Verdict wrong = compare(model, tampered(pruned, weight));
      assertThat(wrong.passed()).as(weight).isFalse();
    }
  }

  @Test
  void aBranchThatNoSampleTakesIsSaid() {
    Model model = model(NEVER);
    Verdict verdict = compare(model, Pruning.prune(model, plan(model)));
    assertThat(verdict.passed()).as(verdict.summary()).isTrue();
    assertThat(verdict.evidence().branches()).containsEntry("If \"choice\"", Taken.ELSE);
    assertThat(verdict.evidence().unseen())
        .containsExactly("the then branch of If \"choice\", which no sample took");
  }

  /** Each branch returns as many axes as it likes. */
  @Test
  void branchesOfOtherRanks() {
    Model model = model(MEAN, "Flatten(p)");
    Model pruned = Pruning.prune(model, plan(model));
    Verdict right = compare(model, pruned);
    assertThat(right.passed()).as(right.summary()).isTrue();
    assertThat(right.evidence().branches()).containsEntry("If \"choice\"", Taken.BOTH);
    assertThat(compare(model, tampered(pruned, "left")).passed()).isFalse();
    assertThat(compare(model, tampered(pruned, "w2")).passed()).isFalse();
  }

  /** What a branch returns of other rank is an output like any other. */
  @Test
  void neuronsThatABranchReturns() {
    assertThat(WorkingModel.normalized(model(MEAN, "Flatten(r)")).blocks().get(0).axes())
        .allSatisfy(neurons -> assertThat(neurons.isPrunable()).isFalse());
  }

  /** What nobody would make up, somebody may have. */
  @Test
  void samplesThatSomebodyHasAreComparedToo() {
    Model model =
        model("m = ReduceMean<keepdims = 0>(x)\n b = Mul(m, tiny)\n c = Greater(b, half)");
    PruningPlan plan = plan(model);
    Model pruned = Pruning.prune(model, plan);
    float[] numbers = new float[24];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = 1e12f + i * 1e10f;
    }
    GivenSamples given =
        new GivenSamples(
            Map.of(
                "x", HostTensor.ofFloats(new long[] {1, 3, 8}, numbers),
                "flag", HostTensor.ofIntegers(ElementType.BOOL, new long[0], 1)),
            1);
    Model wrong = tampered(pruned, "left");
    assertThat(compare(model, wrong).passed()).as("not taken").isTrue();
    Verdict right = VERIFICATION.compare(model, plan, Verdict.Mode.MASKED, pruned, List.of(given));
    assertThat(right.passed()).as(right.summary()).isTrue();
    assertThat(right.summary()).contains("3 samples and 1 of the data on cpu");
    assertThat(right.evidence().branches()).containsEntry("If \"choice\"", Taken.BOTH);
    assertThat(
            VERIFICATION.compare(model, plan, Verdict.Mode.MASKED, wrong, List.of(given)).passed())
        .isFalse();
  }

  @Test
  void aWholeAttentionInABranch() {
    Model model = Fixture.of("timm_vit__if_captured").model();
    PruningPlan plan =
        Cuts.halves(WorkingModel.normalized(model).blocks(), EnumSet.of(Part.NEURONS), 3);
    Verdict verdict =
        VERIFICATION.compare(model, plan, Verdict.Mode.MASKED, Pruning.prune(model, plan));
    assertThat(verdict.passed()).as(verdict.summary()).isTrue();
    assertThat(verdict.evidence().branches()).containsEntry("If \"choose\"", Taken.BOTH);
  }
}
