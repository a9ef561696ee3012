package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.PrunedModel;
import io.gohsp.Pruner;
import io.gohsp.equivalence.Verification;
import io.gohsp.fixture.Fixture;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Device;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PlanCompletion;
import io.gohsp.plan.PruningPlan;
import io.gohsp.verify.Verdict;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Exported models in which an axis was once taken for another: {@code testdata/cases}. */
class AxisCasesTest {
  private static final Verification ONE_THREAD = new Verification(2, 0, Map.of(), Device.CPU, 1);

  private static Model read(String name) {
    return OnnxReader.read(Path.of("..", "testdata", "cases", name, "model.onnx"));
  }

  private static List<String> describe(Model model) {
    return WorkingModel.normalized(model).blocks().stream().map(AxisCasesTest::describe).toList();
  }

  /** "4h6/6; 42": heads, query-key and value columns; neurons; "!" where nothing can go. */
  private static String describe(Block block) {
    AttentionPart attention = block.attention();
    return (attention == null
            ? ""
            : attention.headCount() + "h" + size(attention.qk()) + "/" + size(attention.v()))
        + (block.mlp() == null ? "" : "; " + size(block.mlp().neurons()));
  }

  private static String size(@Nullable PrunableAxis axis) {
    return axis == null ? "-" : axis.size() + (axis.isPrunable() ? "" : "!");
  }

  private static void verified(PrunedModel pruned) {
    Verdict verdict = pruned.verify(ONE_THREAD).verdict();
    assertThat(verdict.passed()).as(verdict.summary()).isTrue();
  }

  /** Shapes lead from every block's input to its reshapes: widths are each block's own. */
  @Test
  void linearAttentionWithAFreeBatch() {
    Model model = read("linear_attention_widths");
    assertThat(describe(model)).containsExactly("2h5/8", "2h7/8", "2h6/8");
    verified(Pruner.of(model).qk("50%").prune());
  }

  @Test
  void valuesFirstWithAFreeBatch() {
    Model model = read("values_first");
    assertThat(describe(model)).containsExactly("4h6/6; 42", "4h6/6; 42");
    verified(Pruner.of(model).qk("50%").v("50%").heads("50%").prune());
  }

  /** A head of one column has no axis of columns, and is still a head. */
  @Test
  void prunedToOneValueColumn() {
    Model model = read("one_value_column");
    PrunedModel narrow = Pruner.of(model).v("1").prune();
    verified(narrow);
    assertThat(describe(narrow.model())).containsExactly("4h6/1!; 42");
    verified(Pruner.of(narrow.model()).heads("50%").qk("50%").prune());
  }

  @Test
  void prunedToOneColumnOfOneHead() {
    Model model = Pruner.of(read("one_value_column")).heads("1").v("1").qk("1").prune().model();
    assertThat(describe(model)).containsExactly("1h1!/1!; 42");
    verified(Pruner.of(model).neurons("50%").prune());
  }

  /** What a head returns is added to the part of the stream that the next one reads. */
  @Test
  void headsThatReadWhatOtherHeadsReturned() {
    Model model = read("efficientvit_cascade");
    assertThat(describe(model))
        .containsSubsequence("1h6/8!; 32", "1h6/8; 32", "; 64", "1h5/8!; 32", "1h5/8; 32", "; 64")
        .hasSize(13);
    verified(Pruner.of(model).qk("50%").v("50%").neurons("50%").prune());
  }

  /** A convolution in groups makes more heads of the columns of heads. */
  @Test
  void headsThatAConvolutionMakesOfHeads() {
    Model model = read("efficientvit_linear");
    assertThat(describe(model)).contains("4h8/8; 64", "6h8/8; 96");
    verified(Pruner.of(model).keepParams(0.75).prune());
  }

  /** Whole-number operators carry scales between their operands. */
  @Test
  void operandsOfWholeNumberOperators() {
    Model model = read("qoperator_values_first");
    assertThat(describe(model)).containsExactly("4h6/6; 42");
    verified(Pruner.of(model).qk("50%").v("50%").heads("50%").prune());
  }

  /** All axes turned around: the layer behind the heads adds up over samples, too. */
  @Test
  void headsAmongSamples() {
    Model model = Fixture.of("timm_vit_native_fp16").model();
    Node merged =
        model.graph().nodes().stream()
            .filter(node -> node.name().equals("/blocks/blocks.0/attn/Transpose_2"))
            .findFirst()
            .orElseThrow();
    merged.removeAttribute("perm");
    assertThat(describe(model)).containsExactly("8h6/3!; 42", "4h6/6; 42");
    assertThat(WorkingModel.normalized(model).blocks().get(0).axes().map(PrunableAxis::isPrunable))
        .containsExactly(false, true, false, true);
    verified(Pruner.of(model).heads("50%").qk("50%").v("50%").neurons("50%").prune());
  }

  private static BlockPlan columns(int block, @Nullable List<List<Integer>> qk) {
    return new BlockPlan("block " + block, 3, 8, 8, 42, null, qk, null, null);
  }

  private static PruningPlan plan(BlockPlan... blocks) {
    return new PruningPlan(List.of(blocks), Map.of());
  }

  /** One rotary table turns the queries and keys of both blocks. */
  @Test
  void columnsOfASharedTableGoInBothBlocks() {
    Model model = Fixture.of("timm_eva02_dynamo").model();
    List<List<Integer>> rows = Collections.nCopies(3, List.of(0, 1, 2, 3, 6, 7));
    PruningPlan incomplete = plan(columns(0, null), columns(1, rows));
    PrunedModel pruned = Pruner.of(model).apply(incomplete);
    assertThat(pruned.plan().blocks()).containsExactly(columns(0, rows), columns(1, rows));
    assertThat(pruned.plan().provenance())
        .containsEntry(PlanCompletion.PROVENANCE, "query-key columns of block 0");
    verified(pruned);
    PrunedModel again = Pruner.of(model).apply(pruned.plan());
    assertThat(again.plan().provenance())
        .as("the plan lists all by itself now")
        .doesNotContainKey(PlanCompletion.PROVENANCE);
    for (PruningPlan other : List.of(incomplete, plan(columns(0, rows), columns(1, null)))) {
      assertThatThrownBy(
              () -> ONE_THREAD.compare(model, other, Verdict.Mode.MASKED, pruned.model()))
          .as("one file has one plan")
          .isInstanceOf(ModelException.BadPlan.class)
          .hasMessageContaining("says nothing of query-key columns of block");
    }
  }

  @Test
  void columnsOfASharedTableAreNotListedWholeInOneBlock() {
    Model model = Fixture.of("timm_eva02_dynamo").model();
    List<List<Integer>> some = Collections.nCopies(3, List.of(0, 1));
    List<List<Integer>> all = Collections.nCopies(3, List.of(0, 1, 2, 3, 4, 5, 6, 7));
    for (PruningPlan plan :
        List.of(plan(columns(0, all), columns(1, some)), plan(columns(0, some), columns(1, all)))) {
      assertThatThrownBy(() -> Pruner.of(model).apply(plan))
          .isInstanceOf(ModelException.BadPlan.class)
          .hasMessageContaining("are shared with another part");
    }
  }
}
