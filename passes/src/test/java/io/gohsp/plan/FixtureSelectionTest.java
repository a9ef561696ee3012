package io.gohsp.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.fixture.FixtureNames;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.Budget;
import io.gohsp.selection.Importance;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever an exporter wrote: plans fit the model, meet the budget, and cost what was foreseen. */
class FixtureSelectionTest {
  /** At the size assumed for free heights, dynsize multiplies mostly in its patches. */
  private static final String[] LITTLE_TO_PRUNE = {"neg_", "matmulnbits", "dynsize"};

  static List<String> fixtures() {
    return FixtureNames.sample("FixtureSelectionTest");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void everyPlanIsMetByThePrunedModel(String name) {
    Model original = Analysed.read(name);
    Cost dense = CostModel.of(original);
    Analysed model = Analysed.normalized(original);
    Importance importance = model.magnitude();
    Budget.Limit params = Budget.params("85%");
    Budget macs = Budget.macs("80%");
    PruningPlan plan =
        check(
            original,
            dense,
            model,
            importance,
            SelectionOptions.of(params).with(Allocation.GLOBAL));
    check(original, dense, model, importance, SelectionOptions.of(macs).withAlign(4));
    if (plan != null) {
      assertNoNeuronFits(original, plan, params, params.limit(dense));
    }
  }

  private static @Nullable PruningPlan check(
      Model original, Cost dense, Analysed model, Importance importance, SelectionOptions options) {
    PruningPlan plan;
    try {
      plan = model.select(importance, options);
    } catch (ModelException.NothingToPrune e) {
      assertThat(original.source()).asString().containsAnyOf(LITTLE_TO_PRUNE);
      return null;
    }
    assertThat(spent(original, plan, options.budget().limits().get(0)))
        .isLessThanOrEqualTo(options.budget().limits().get(0).limit(dense));
    assertThat(PlanJson.parse(PlanJson.compact(plan), Location.UNKNOWN)).isEqualTo(plan);
    assertThat(model.select(importance, options)).isEqualTo(plan);
    assertThat(PlanCompletion.complete(plan, model.blocks(), Location.UNKNOWN))
        .as("names all that goes")
        .isSameAs(plan);
    return plan;
  }

  /** Counted in the model that really was pruned. */
  private static long spent(Model original, PruningPlan plan, Budget.Limit budget) {
    return budget.spent(CostModel.of(Pruning.prune(original, plan)));
  }

  private static void assertNoNeuronFits(
      Model original, PruningPlan plan, Budget.Limit budget, long limit) {
    for (int i = 0; i < plan.blocks().size(); i++) {
      BlockPlan b = plan.blocks().get(i);
      if (b.neuronsKept() == null) {
        continue;
      }
      List<Integer> more = new ArrayList<>(b.neuronsKept());
      more.add(
          IntStream.range(0, b.neurons()).filter(n -> !more.contains(n)).findFirst().orElseThrow());
      more.sort(null);
      List<BlockPlan> blocks = new ArrayList<>(plan.blocks());
      blocks.set(
          i,
          new BlockPlan(
              b.block(),
              b.heads(),
              b.qkWidth(),
              b.vWidth(),
              b.neurons(),
              b.headsKept(),
              b.qkKept(),
              b.vKept(),
              more));
      try {
        assertThat(spent(original, new PruningPlan(blocks, Map.of()), budget)).isGreaterThan(limit);
      } catch (ModelException.BadPlan shared) {
        assertThat(shared).hasMessageContaining("shared with another block");
      }
    }
  }
}
