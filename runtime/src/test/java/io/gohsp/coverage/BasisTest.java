package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.basis.Basis;
import io.gohsp.basis.Matrix;
import io.gohsp.equivalence.Verification;
import io.gohsp.fixture.Bases;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Traversal;
import io.gohsp.ir.Use;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtOptions.Optimization;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.tensor.Tensor;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of heads in another basis, wherever they are free to have one. */
class BasisTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final Set<Part> ALL = EnumSet.allOf(Part.class);
  private static final Set<Part> COLUMNS = EnumSet.of(Part.QK, Part.V);
  private static final int PLANS = Integer.getInteger("randomPlans", 1);

  private static Stream<DynamicTest> forEachFixture(String test, Consumer<Fixture> check) {
    return Fixture.sample(test).stream()
        .map(fixture -> DynamicTest.dynamicTest(fixture.name(), () -> check.accept(fixture)));
  }

  /** At full width nothing changes, whatever the basis and the level of optimisation. */
  @TestFactory
  Stream<DynamicTest> fullWidthEqualsTheOriginal() {
    return forEachFixture(
        "fullWidth",
        fixture -> {
          Model model = fixture.model();
          WorkingModel working = WorkingModel.normalized(model);
          PruningPlan plan = Bases.in(working, Cuts.halves(working.blocks(), ALL, 1), 1);
          if (plan == null) {
            return;
          }
          byte[] turned = OnnxWriter.toBytes(Pruning.inBasis(model, plan));
          assertThat(turned).isNotEqualTo(OnnxWriter.toBytes(model));
          try (OrtProgram original = OrtProgram.compile(model, OPTIONS)) {
            SampleInputs inputs = SampleInputs.find(model, original, Map.of(), 1);
            for (Optimization level : Optimization.values()) {
              Verdict verdict = compare(model, original, turned, level, inputs);
              assertThat(verdict.passed()).as("%s: %s", level, verdict.summary()).isTrue();
            }
          }
        });
  }

  private static Verdict compare(
      Model model, OrtProgram original, byte[] turned, Optimization level, SampleInputs inputs) {
    try (OrtProgram program =
        OrtProgram.load("turned", ByteBuffer.wrap(turned), OPTIONS.withOptimization(level))) {
      return Verifier.compare(
          original, program, inputs, 1, Rounding.ofWeights(model, OPTIONS), Verdict.Mode.PLAIN);
    }
  }

  /**
   * Cut in another basis equals masked in it: layers of different sizes, or width 1; {@code
   * -DrandomPlans=2} tries both everywhere.
   */
  @TestFactory
  Stream<DynamicTest> cutEqualsMasked() {
    return forEachFixture(
        "cut",
        fixture -> {
          Model model = fixture.model();
          WorkingModel working = WorkingModel.normalized(model);
          List<Block> blocks = working.blocks();
          long seed = fixture.name().hashCode();
          List<PruningPlan> cuts =
              List.of(Cuts.ragged(blocks, ALL, seed), Cuts.singles(blocks, COLUMNS, seed));
          int first = (int) Math.floorMod(seed, 2L);
          for (PruningPlan cut : PLANS > 1 ? cuts : cuts.subList(first, first + 1)) {
            PruningPlan plan = Bases.in(working, cut, seed);
            if (plan != null && !plan.isEmpty()) {
              Verdict verdict = compare(model, plan);
              assertThat(verdict.passed()).as("%s; %s", verdict.summary(), plan).isTrue();
            }
          }
        });
  }

  private static Verdict compare(Model model, PruningPlan plan) {
    Model reference = Pruning.mask(model, plan);
    try (OrtProgram masked = OrtProgram.compile(reference, OPTIONS);
        OrtProgram pruned = OrtProgram.compile(Pruning.prune(model, plan), OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, masked, Map.of(), 1);
      return Verifier.compare(
          masked, pruned, inputs, 1, Rounding.of(reference, OPTIONS), Verdict.Mode.MASKED);
    }
  }

  /** A plan made for one form of a model, written and read, fits its other forms. */
  @ParameterizedTest
  @CsvSource({
    "timm_vit_legacy_op17_unfused, timm_vit__fp16_keepio",
    "timm_vit_legacy_op17_unfused, timm_vit__fused_vit",
    "timm_vit_legacy_op17_unfused, timm_vit__qkv_split",
    "hf_vit_eager_legacy, hf_vit__ms_mha",
    "hf_vit_eager_legacy, hf_vit__onnx_attention23_3d",
    "hf_vit_eager_legacy, hf_vit__qkv_concat_weights",
  })
  void aPlanFitsOtherForms(String from, String to) {
    WorkingModel working = WorkingModel.normalized(Fixture.of(from).model());
    PruningPlan cut = Cuts.halves(working.blocks(), COLUMNS, 4);
    PruningPlan plan = Objects.requireNonNull(Bases.in(working, cut, 4));
    PruningPlan read = PlanJson.parse(PlanJson.compact(plan), Location.UNKNOWN);
    assertThat(read).isEqualTo(plan);
    Model other = Fixture.of(to).model();
    Verdict verdict =
        Verification.STANDARD.compare(other, read, Verdict.Mode.MASKED, Pruning.prune(other, read));
    assertThat(verdict.passed()).as(verdict.summary()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf_llama_gqa_dynamo_op23", "timm_vit_qknorm", "timm_vit__int8_qdq"})
  void columnsThatAreNotFreeAreRefused(String name) {
    Model model = Fixture.of(name).model();
    WorkingModel working = WorkingModel.normalized(model);
    var attention = Objects.requireNonNull(working.blocks().get(0).attention());
    int size = Objects.requireNonNull(attention.qk()).size();
    Basis basis =
        new Basis(
            Collections.nCopies(attention.headCount(), Bases.matrix(size, new Random(1))), null);
    PruningPlan cut = Cuts.halves(working.blocks(), EnumSet.of(Part.NEURONS), 1);
    PruningPlan plan =
        new PruningPlan(
            cut.blocks().stream()
                .map(block -> block.block().equals("block 0") ? block.in(basis) : block)
                .toList(),
            Map.of());
    assertThatThrownBy(() -> Pruning.prune(model, plan))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("query-key columns of block 0 cannot be written in another basis");
  }

  /** What the rules forbid is wrong indeed, and the verification sees it. */
  @ParameterizedTest
  @CsvSource({
    "hf_llama_gqa_dynamo_op23, node_mul_4, node_mul_6",
    "timm_vit_qknorm, /blocks/blocks.0/attn/q_norm/LayerNormalization,"
        + " /blocks/blocks.0/attn/k_norm/LayerNormalization",
  })
  void aBasisForcedThroughPositionsOrNormsIsCaught(String name, String queries, String keys) {
    Model model = Fixture.of(name).model();
    Model forced = Fixture.of(name).model();
    turn(forced, queries);
    turn(forced, keys);
    try (OrtProgram original = OrtProgram.compile(model, OPTIONS);
        OrtProgram program = OrtProgram.compile(forced, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, original, Map.of(), 1);
      Verdict verdict =
          Verifier.compare(
              original, program, inputs, 1, Rounding.of(model, OPTIONS), Verdict.Mode.PLAIN);
      assertThat(verdict.passed()).as(verdict.summary()).isFalse();
      assertThat(verdict.maxRelError()).isGreaterThan(10 * verdict.tolerance().relative());
    }
  }

  /** The first two columns of what the node reads are turned by half a radian. */
  private static void turn(Model model, String nodeName) {
    Node reader =
        Traversal.nodesWithin(model.graph())
            .filter(node -> node.name().equals(nodeName))
            .findFirst()
            .orElseThrow();
    Value value = reader.input(0);
    int size = 6;
    float[] rotation = new float[size * size];
    for (int i = 0; i < size; i++) {
      rotation[i * size + i] = i < 2 ? (float) Math.cos(0.5) : 1;
    }
    rotation[1] = (float) -Math.sin(0.5);
    rotation[size] = (float) Math.sin(0.5);
    Value matrix =
        model
            .graph()
            .addInitializer(
                nodeName + "_basis", Tensor.ofFloats(new long[] {size, size}, rotation));
    List<Use> uses = List.copyOf(value.uses());
    Node product =
        model
            .graph()
            .insertBefore(
                uses.get(0).node(), OpId.of("MatMul"), nodeName + "_turned", value, matrix);
    uses.forEach(use -> use.replaceWith(product.output()));
  }

  @Test
  void aBasisWithoutInverseIsRefused() {
    Model model = Fixture.of("timm_vit_legacy_op17_unfused").model();
    List<Block> blocks = WorkingModel.normalized(model).blocks();
    PruningPlan cut = Cuts.halves(blocks, COLUMNS, 1);
    var block = cut.blocks().get(0);
    int width = Objects.requireNonNull(block.vWidth());
    Matrix zero = Matrix.of(width, new double[width * width]);
    Basis basis = new Basis(null, Collections.nCopies(Objects.requireNonNull(block.heads()), zero));
    PruningPlan plan =
        new PruningPlan(
            Stream.concat(Stream.of(block.in(basis)), cut.blocks().stream().skip(1)).toList(),
            Map.of());
    assertThatThrownBy(() -> Pruning.prune(model, plan))
        .isInstanceOf(ModelException.BadPlan.class)
        .hasMessageContaining("a basis of the value columns of block 0 has no inverse");
  }
}
