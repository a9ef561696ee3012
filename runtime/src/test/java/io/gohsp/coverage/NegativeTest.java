package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.op.ConstantValue;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.tensor.Tensor;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mistakes that pruners make, built in on purpose: each must be far outside the tolerance of the
 * verification, or the other tests of this package prove little.
 */
class NegativeTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final int WIDTH = 6;
  private static final int NEW_WIDTH = 3;

  /** A mistake must show at least this many times as strongly as is allowed. */
  private static final double MARGIN = 10;

  private static List<Block> blocks(Model model) {
    return WorkingModel.normalized(model).blocks();
  }

  private static Verdict compare(Model original, PruningPlan plan, Model pruned) {
    Model reference = Pruning.mask(original, plan);
    try (OrtProgram masked = OrtProgram.compile(reference, OPTIONS);
        OrtProgram candidate = OrtProgram.compile(pruned, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(original, masked, Map.of(), 5);
      return Verifier.compare(
          masked, candidate, inputs, 1, Rounding.of(reference, OPTIONS), Verdict.Mode.MASKED);
    }
  }

  private static void assertCaught(Verdict verdict) {
    assertThat(verdict.passed()).as(verdict.summary()).isFalse();
    assertThat(verdict.maxRelError()).isGreaterThan(MARGIN * verdict.tolerance().relative());
  }

  // ---- 1/sqrt(d) of the new width

  /** Half of the query-key columns go correctly; {@code mistake} then spoils the scale. */
  private static void spoilScale(String fixture, Consumer<Model> mistake) {
    Model model = Fixture.of(fixture).model();
    PruningPlan plan = Cuts.halves(blocks(model), EnumSet.of(Part.QK), 3);
    Model pruned = Pruning.prune(model, plan);
    assertThat(compare(model, plan, pruned).passed()).isTrue();
    mistake.accept(pruned);
    assertCaught(compare(model, plan, pruned));
  }

  /** Writes another number wherever a constant has this value; at least once. */
  private static void replaceConstants(Model model, double from, double to) {
    int replaced = 0;
    for (Value value : Traversal.initializersWithin(model.graph()).toList()) {
      Tensor other = replacement(value.constant(), from, to);
      if (other != null) {
        value.setConstant(other);
        replaced++;
      }
    }
    for (Node node : Traversal.nodesWithin(model.graph()).filter(n -> n.is("Constant")).toList()) {
      Tensor other = replacement(ConstantValue.of(node.output()), from, to);
      if (other != null) {
        node.setAttribute(Attribute.of("value", other));
        replaced++;
      }
    }
    assertThat(replaced).as("constants of value %s", from).isPositive();
  }

  private static @Nullable Tensor replacement(@Nullable Tensor constant, double from, double to) {
    if (constant == null || constant.size() != 1) {
      return null;
    }
    if (!constant.type().isFloating()) {
      boolean same = constant.longs()[0] == Math.round(from) && from == Math.rint(from);
      return same ? Tensor.ofIntegers(constant.type(), constant.dims(), Math.round(to)) : null;
    }
    boolean same = Math.abs(constant.floats()[0] - from) < 1e-6 * from; // some float roundings
    return same ? Tensor.ofFloats(constant.type(), constant.dims(), (float) to) : null;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"timm_vit_legacy_op17_unfused", "hf_vit_eager_legacy", "hf_vit_eager_dynamo"})
  void aConstantScaleOfTheNewWidthIsCaught(String fixture) {
    spoilScale(
        fixture,
        pruned -> replaceConstants(pruned, 1 / Math.sqrt(WIDTH), 1 / Math.sqrt(NEW_WIDTH)));
  }

  @Test
  void aScaleComputedFromTheNewWidthIsCaught() {
    // This exporter computes the scale from the extent of the queries at run time; the extent was
    // frozen at its original value.
    spoilScale("timm_vit_legacy_op17_fused", pruned -> replaceConstants(pruned, WIDTH, NEW_WIDTH));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf_vit__ms_mha", "rep_bert4__fused_bert", "hf_vit__onnx_attention23_3d"})
  void aScaleImpliedByTheNewWidthIsCaught(String fixture) {
    spoilScale(
        fixture,
        pruned -> {
          List<Node> attentions =
              Traversal.nodesWithin(pruned.graph())
                  .filter(node -> node.op().type().endsWith("Attention"))
                  .toList();
          assertThat(attentions).isNotEmpty();
          attentions.forEach(node -> node.removeAttribute("scale"));
        });
  }

  // ---- other parts than the plan says

  /** Prunes by a plan that differs in block 0. */
  private static void pruneOtherwise(
      String fixture, PruningPlan plan, UnaryOperator<BlockPlan> mistake) {
    Model model = Fixture.of(fixture).model();
    List<BlockPlan> blocks = new ArrayList<>(plan.blocks());
    blocks.set(0, mistake.apply(blocks.get(0)));
    PruningPlan other = new PruningPlan(blocks, Map.of());
    assertThat(other).isNotEqualTo(plan);
    assertCaught(compare(model, plan, Pruning.prune(model, other)));
  }

  private static PruningPlan halves(String fixture, Part part) {
    return Cuts.halves(blocks(Fixture.of(fixture).model()), EnumSet.of(part), 3);
  }

  /** One index is exchanged for one that is not in the list. */
  private static List<Integer> shifted(List<Integer> kept, int size) {
    int spare = IntStream.range(0, size).filter(i -> !kept.contains(i)).findFirst().orElseThrow();
    List<Integer> other = new ArrayList<>(kept);
    other.set(0, spare);
    return other.stream().sorted().toList();
  }

  private static List<List<Integer>> shiftedInFirst(List<List<Integer>> kept, int size) {
    List<List<Integer>> other = new ArrayList<>(kept);
    other.set(0, shifted(other.get(0), size));
    return other;
  }

  private static BlockPlan with(
      BlockPlan plan,
      @Nullable List<Integer> heads,
      @Nullable List<List<Integer>> qk,
      @Nullable List<List<Integer>> v,
      @Nullable List<Integer> neurons) {
    return new BlockPlan(
        plan.block(),
        plan.heads(),
        plan.qkWidth(),
        plan.vWidth(),
        plan.neurons(),
        heads,
        qk,
        v,
        neurons);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused",
        "timm_vit__fp16_keepio",
        "timm_vit__int8_qdq",
        "hf_bert_eager_legacy",
        "hf_llama_gqa_dynamo_op23",
        "hf_vit__ms_mha"
      })
  void aWrongHeadIsCaught(String fixture) {
    Model model = Fixture.of(fixture).model();
    List<Block> blocks = blocks(model);
    PrunableAxis heads =
        Objects.requireNonNull(Objects.requireNonNull(blocks.get(0).attention()).heads());
    int group = heads.positionsPerUnit();
    PruningPlan right = onlyHeads(blocks, 0, group);
    PruningPlan wrong = onlyHeads(blocks, heads.size() - group, heads.size());
    Verdict verdict = compare(model, right, Pruning.prune(model, wrong));
    assertThat(verdict.passed()).as(verdict.summary()).isFalse();
    assertThat(verdict.maxRelError()).isGreaterThan(2 * verdict.tolerance().relative());
  }

  /** Of block 0 these heads stay, of the others all. */
  private static PruningPlan onlyHeads(List<Block> blocks, int from, int to) {
    List<Integer> heads = IntStream.range(from, to).boxed().toList();
    return new PruningPlan(
        blocks.stream()
            .map(b -> Cuts.plan(b, b.name().equals("block 0") ? heads : null, null, null, null))
            .toList(),
        Map.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timm_vit_legacy_op17_unfused",
        "hf_bert_eager_legacy",
        "rep_interleaved_qkv",
        "timm_vit_swiglu_packed",
        "hf_vit_dyn__fused_vit"
      })
  void oneShiftedNeuronOrColumnIsCaught(String fixture) {
    pruneOtherwise(
        fixture,
        halves(fixture, Part.NEURONS),
        p -> with(p, null, null, null, shifted(p.neuronsKept(), p.neurons())));
    pruneOtherwise(
        fixture,
        halves(fixture, Part.QK),
        p -> with(p, null, shiftedInFirst(p.qkKept(), p.qkWidth()), null, null));
    pruneOtherwise(
        fixture,
        halves(fixture, Part.V),
        p -> with(p, null, null, shiftedInFirst(p.vKept(), p.vWidth()), null));
  }

  // ---- a slip in one tensor only

  /**
   * The wrong column of one weight, all else being right: it has the right shape and still runs.
   */
  @Test
  void aShiftedColumnInOneWeightIsCaught() {
    Model model = Fixture.of("timm_vit_legacy_op17_unfused").model();
    PruningPlan plan = Cuts.halves(blocks(model), EnumSet.allOf(Part.class), 3);
    Map<String, Tensor> whole = new LinkedHashMap<>();
    model.graph().initializers().forEach(value -> whole.put(value.name(), value.constant()));
    int caught = 0;
    Model pruned = Pruning.prune(model, plan);
    for (Value weight : pruned.graph().initializers()) {
      Tensor right = Objects.requireNonNull(weight.constant());
      Tensor original = whole.get(weight.name());
      if (original == null || right.rank() != 2 || right.dim(1) == original.dim(1)) {
        continue;
      }
      weight.setConstant(withForeignColumn(right, original));
      assertCaught(compare(model, plan, pruned));
      weight.setConstant(right);
      caught++;
    }
    assertThat(caught).as("weights with shortened columns: qkv and fc1 of two blocks").isEqualTo(4);
    assertThat(compare(model, plan, pruned).passed()).isTrue();
  }

  /** The first column replaced by one of the original that was removed. */
  private static Tensor withForeignColumn(Tensor right, Tensor original) {
    float[] values = right.floats();
    float[] all = original.floats();
    int width = (int) right.dim(1);
    int before = (int) original.dim(1);
    int removed =
        IntStream.range(0, before)
            .filter(c -> IntStream.range(0, width).noneMatch(k -> values[k] == all[c]))
            .findFirst()
            .orElseThrow();
    for (int row = 0; row < right.dim(0); row++) {
      values[row * width] = all[row * before + removed];
    }
    return Tensor.ofFloats(right.dims(), values);
  }
}
