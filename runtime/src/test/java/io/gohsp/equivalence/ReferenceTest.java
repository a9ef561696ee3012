package io.gohsp.equivalence;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.fixture.GeneratedTransformer;
import io.gohsp.fixture.GeneratedTransformer.Form;
import io.gohsp.fixture.GeneratedTransformer.Layer;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Device;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Verdict;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Reference and file share a mistake, as when the recogniser takes one block's axis for another's:
 * both cut and mask something else than the plan names, and are equal to the last bit.
 */
class ReferenceTest {
  private static final Verification ONE_THREAD = new Verification(2, 0, Map.of(), Device.CPU, 1);

  /** What a mistaken analysis makes of the plan. */
  private static Verdict mistaken(Model model, PruningPlan named, SecondReference.Masking mistake) {
    try (Reference reference =
        Reference.of(model, named, Verdict.Mode.MASKED, ONE_THREAD, List.of(), mistake)) {
      return reference.compare(Pruning.prune(model, mistakenPlan(named)));
    }
  }

  /** The last two blocks take each other's part. */
  private static PruningPlan mistakenPlan(PruningPlan plan) {
    List<BlockPlan> blocks = new ArrayList<>(plan.blocks());
    int last = blocks.size() - 1;
    BlockPlan a = blocks.get(last - 1);
    BlockPlan b = blocks.get(last);
    blocks.set(last - 1, as(a.block(), b));
    blocks.set(last, as(b.block(), a));
    return new PruningPlan(blocks, plan.provenance());
  }

  private static BlockPlan as(String name, BlockPlan p) {
    return new BlockPlan(
        name,
        p.heads(),
        p.qkWidth(),
        p.vWidth(),
        p.neurons(),
        p.headsKept(),
        p.qkKept(),
        p.vKept(),
        p.neuronsKept());
  }

  private static PruningPlan onlyLast(PruningPlan plan) {
    List<BlockPlan> blocks = new ArrayList<>();
    for (int i = 0; i < plan.blocks().size(); i++) {
      BlockPlan p = plan.blocks().get(i);
      blocks.add(
          i == plan.blocks().size() - 1
              ? p
              : new BlockPlan(
                  p.block(),
                  p.heads(),
                  p.qkWidth(),
                  p.vWidth(),
                  p.neurons(),
                  null,
                  null,
                  null,
                  null));
    }
    return new PruningPlan(blocks, plan.provenance());
  }

  private static void isCaught(Model model, Part part, String name) {
    PruningPlan named =
        onlyLast(Cuts.halves(WorkingModel.normalized(model).blocks(), EnumSet.of(part), 3));
    Verdict right =
        ONE_THREAD.compare(model, named, Verdict.Mode.MASKED, Pruning.prune(model, named));
    assertThat(right.passed()).as(right.summary()).isTrue();
    Verdict wrong =
        mistaken(model, named, (original, plan) -> Pruning.mask(original, mistakenPlan(plan)));
    assertThat(wrong.passed()).as(wrong.summary()).isFalse();
    assertThat(wrong.reason()).contains("not what the plan names, " + name);
  }

  @Test
  void columnsOfAnotherBlock() {
    for (Form form : Form.values()) {
      List<Layer> layers = Stream.generate(() -> new Layer(form, 2, 6, 3, 0)).limit(3).toList();
      isCaught(
          new GeneratedTransformer(layers, true, 5).model(),
          Part.QK,
          "query-key columns of block 2");
    }
  }

  @Test
  void everyPartOfAnotherBlock() {
    for (String name : List.of("timm_vit_dynamo_op18_fused", "hf_bert__fused_bert")) {
      Model model = Fixture.of(name).model();
      isCaught(model, Part.HEADS, "heads and values of block 1");
      isCaught(model, Part.QK, "query-key columns of block 1");
      isCaught(model, Part.V, "heads and values of block 1");
      isCaught(model, Part.NEURONS, "neurons of block 1");
    }
  }

  /** An MLP makes the bias of positions for each head: what it adds to is cut, no stream. */
  @Test
  void headsWithABiasOfTheirOwn() {
    Model model = Fixture.of("timm_vit_relpos_mlp").model();
    PruningPlan plan =
        Cuts.halves(WorkingModel.normalized(model).blocks(), EnumSet.allOf(Part.class), 3);
    Verdict verdict =
        ONE_THREAD.compare(model, plan, Verdict.Mode.MASKED, Pruning.prune(model, plan));
    assertThat(verdict.passed()).as(verdict.summary()).isTrue();
  }
}
