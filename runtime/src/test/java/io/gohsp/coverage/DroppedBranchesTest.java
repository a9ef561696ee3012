package io.gohsp.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.Factor;
import io.gohsp.cost.CostModel;
import io.gohsp.fixture.Cuts;
import io.gohsp.fixture.Cuts.Part;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.DroppableBranches;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.verify.Rounding;
import io.gohsp.verify.SampleInputs;
import io.gohsp.verify.Verdict;
import io.gohsp.verify.Verifier;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * A block may lose its attention, its MLP, or both: what is left of the model equals the original
 * with that branch's inputs at zero, on every fixture, alone or beside other cuts. {@code
 * -DrandomPlans=50} tries more.
 */
class DroppedBranchesTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);
  private static final int PLANS = Integer.getInteger("randomPlans", 1);

  @TestFactory
  Stream<DynamicTest> prunedEqualsMasked() {
    return Fixture.sample("DroppedBranchesTest").stream()
        .map(
            fixture ->
                DynamicTest.dynamicTest(
                    fixture.name(), () -> check(fixture.name(), fixture.model())));
  }

  private static void check(String name, Model model) {
    WorkingModel working = WorkingModel.normalized(model);
    List<Factor> droppable = droppable(working);
    if (droppable.isEmpty()) {
      return;
    }
    for (int i = 0; i < PLANS; i++) {
      Random random = new Random(17L * name.hashCode() + i);
      Set<Factor> dropped = new LinkedHashSet<>();
      droppable.stream().filter(factor -> random.nextBoolean()).forEach(dropped::add);
      dropped.add(droppable.get(random.nextInt(droppable.size())));
      boolean alone = (name.hashCode() + i) % 2 == 0;
      PruningPlan rest =
          Cuts.ragged(
              working.blocks(),
              alone ? EnumSet.noneOf(Part.class) : EnumSet.allOf(Part.class),
              random.nextLong());
      PruningPlan plan = without(rest, working.blocks(), dropped);
      Model pruned = Pruning.prune(model, plan);
      Verdict verdict = compare(model, pruned, plan);
      assertThat(verdict.passed()).as("%s of %s; %s", verdict.summary(), name, plan).isTrue();
      assertThat(CostModel.of(pruned).params()).as(name).isLessThan(CostModel.of(model).params());
    }
  }

  private static List<Factor> droppable(WorkingModel working) {
    Set<Factor> factors = new LinkedHashSet<>();
    for (Block block : working.blocks()) {
      if (block.attention() != null) {
        add(working, DroppableBranches.axis(block.attention()), factors);
      }
      if (block.mlp() != null) {
        add(working, block.mlp().neurons(), factors);
      }
    }
    return List.copyOf(factors);
  }

  private static void add(WorkingModel working, @Nullable PrunableAxis axis, Set<Factor> factors) {
    if (axis != null && axis.isPrunable() && axis.factor() != null) {
      if (DroppableBranches.exit(working, axis.factor()).obstacle() == null) {
        factors.add(axis.factor());
      }
    }
  }

  private static PruningPlan without(PruningPlan rest, List<Block> blocks, Set<Factor> dropped) {
    List<BlockPlan> plans = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      BlockPlan plan = rest.blocks().get(i);
      Block block = blocks.get(i);
      PrunableAxis axis =
          block.attention() == null ? null : DroppableBranches.axis(block.attention());
      boolean attention = axis != null && dropped.contains(axis.factor());
      boolean mlp = block.mlp() != null && dropped.contains(block.mlp().neurons().factor());
      plans.add(
          plan.keeping(
              attention ? List.of() : plan.headsKept(),
              attention ? null : plan.qkKept(),
              attention ? null : plan.vKept(),
              mlp ? List.of() : plan.neuronsKept()));
    }
    return new PruningPlan(plans, Map.of());
  }

  private static Verdict compare(Model model, Model pruned, PruningPlan plan) {
    Model reference = Pruning.mask(model, plan);
    try (OrtProgram masked = OrtProgram.compile(reference, OPTIONS);
        OrtProgram cut = OrtProgram.compile(pruned, OPTIONS)) {
      SampleInputs inputs = SampleInputs.find(model, masked, Map.of(), 1);
      return Verifier.compare(
          masked, cut, inputs, 1, Rounding.of(reference, OPTIONS), Verdict.Mode.MASKED);
    }
  }
}
