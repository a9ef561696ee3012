package io.gohsp.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.gohsp.cost.CostModel;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.ir.Model;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Budget;
import io.gohsp.plan.Exclusion;
import io.gohsp.plan.GroupKind;
import io.gohsp.plan.MagnitudeImportance;
import io.gohsp.plan.PlanSelector;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.SelectionOptions;
import io.gohsp.plan.SelectionOptions.Allocation;
import io.gohsp.plan.Share;
import io.gohsp.prune.Pruning;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationSearchTest {
  private static final int HEADS = 4;
  private static final int WIDTH = 8;
  private static final int NEURONS = 64;

  private static final Model MODEL =
      VitBuilder.build(new VitArchitecture(8, 1, 4, HEADS * WIDTH, 2, HEADS, NEURONS, 5), 3);

  private static final WorkingModel WORKING = WorkingModel.normalized(MODEL);

  private static final Planner BY_MAGNITUDE =
      options -> PlanSelector.select(WORKING, MagnitudeImportance.of(WORKING), options, Map.of());

  private static SelectionOptions measured(String budget) {
    return SelectionOptions.of(Budget.params(budget)).with(Allocation.MEASURED);
  }

  private static PruningPlan search(SelectionOptions options, ToDoubleFunction<PruningPlan> loss) {
    return new AllocationSearch(BY_MAGNITUDE, loss, phase -> {}).plan(options);
  }

  private static int heads(PruningPlan plan) {
    return size(plan.blocks().get(0).headsKept(), HEADS);
  }

  private static int neurons(PruningPlan plan) {
    return size(plan.blocks().get(0).neuronsKept(), NEURONS);
  }

  private static int size(List<?> kept, int all) {
    return kept == null ? all : kept.size();
  }

  private static int width(List<List<Integer>> kept) {
    return kept == null ? WIDTH : kept.get(0).size();
  }

  private static int[] shape(PruningPlan plan) {
    BlockPlan block = plan.blocks().get(0);
    return new int[] {heads(plan), width(block.qkKept()), width(block.vKept())};
  }

  /** Losses with one minimum, whose place is known, are followed to it from wherever they begin. */
  @ParameterizedTest
  @CsvSource({"4, 8, 8", "4, 4, 6", "2, 8, 4", "1, 8, 8", "3, 5, 7"})
  void findsWhatCostsLeast(int heads, int qk, int v) {
    ToDoubleFunction<PruningPlan> distance =
        plan -> {
          int[] shape = shape(plan);
          return Math.abs(shape[0] - heads) + Math.abs(shape[1] - qk) + Math.abs(shape[2] - v);
        };
    assertThat(shape(search(measured("0.6"), distance))).containsExactly(heads, qk, v);
  }

  /** Whatever is found, the budget is met, and no neuron more would fit. */
  @ParameterizedTest
  @ValueSource(strings = {"0.3", "0.5", "0.8", "0.97"})
  void theBudgetIsMetToTheNeuron(String budget) {
    PruningPlan plan = search(measured(budget), some -> HEADS - heads(some));

    long all = CostModel.of(MODEL).params();
    long kept = CostModel.of(Pruning.prune(MODEL, plan)).params();
    int neuron = 2 * HEADS * WIDTH + 1;
    assertThat(kept)
        .isBetween(
            (long) (all * Double.parseDouble(budget)) - neuron,
            (long) (all * Double.parseDouble(budget)));
    assertThat(plan.blocks()).hasSize(2);
  }

  /** 31 of 32 columns round to all of them, and no neighbour of that is better than just that. */
  @Test
  void attentionMayStayWhole() {
    WorkingModel wide =
        WorkingModel.normalized(VitBuilder.build(new VitArchitecture(8, 1, 4, 64, 1, 2, 64, 5), 3));
    Planner planner =
        options -> PlanSelector.select(wide, MagnitudeImportance.of(wide), options, Map.of());
    PruningPlan alike = planner.plan(SelectionOptions.of(Budget.params("0.97")));
    assertThat(alike.blocks().get(0).qkKept()).allSatisfy(row -> assertThat(row).hasSize(31));

    ToDoubleFunction<PruningPlan> loss =
        plan -> plan.equals(alike) ? 1 : plan.blocks().get(0).qkKept() == null ? 0 : 2;
    BlockPlan found =
        new AllocationSearch(planner, loss, phase -> {}).plan(measured("0.97")).blocks().get(0);
    assertThat(found.qkKept()).isNull();
    assertThat(found.vKept()).isNull();
    assertThat(found.neuronsKept()).isNotNull();
  }

  /** What is excluded keeps everything and says nothing about what others keep. */
  @Test
  void excludedBlocksDoNotCount() {
    SelectionOptions options = measured("0.7");
    SelectionOptions one =
        new SelectionOptions(
            null,
            null,
            null,
            null,
            options.budget(),
            Allocation.MEASURED,
            1,
            List.of(Exclusion.parse("block 1")),
            SelectionOptions.Floors.ONE);
    PruningPlan plan =
        search(one, some -> Math.abs(heads(some) - 2) + Math.abs(shape(some)[1] - 8));
    assertThat(heads(plan)).isEqualTo(2);
    assertThat(shape(plan)[1]).isEqualTo(8);
    assertThat(plan.blocks().get(1).neuronsKept()).isNull();
  }

  @Test
  void isTheUniformPlanIfNothingIsBetter() {
    PruningPlan alike = BY_MAGNITUDE.plan(SelectionOptions.of(Budget.params("0.5")));
    assertThat(search(measured("0.5"), plan -> plan.blocks().equals(alike.blocks()) ? 0 : 1))
        .isEqualTo(alike);
  }

  @Test
  void whatHasAShareKeepsIt() {
    SelectionOptions options = measured("0.5").with(GroupKind.HEADS, new Share.Count(2));
    PruningPlan plan = search(options, some -> neurons(some));
    assertThat(heads(plan)).isEqualTo(2);
    // Fewer neurons means more of every column, as far as there are any.
    assertThat(shape(plan)).containsExactly(2, WIDTH, WIDTH);
  }

  /** Where neurons are not the budget's to decide, value columns take up the difference. */
  @Test
  void anotherKindMeetsTheBudgetWhereNeuronsMayNot() {
    SelectionOptions options = measured("0.8").with(GroupKind.NEURONS, new Share.Percent(100));
    PruningPlan plan = search(options, some -> -heads(some));
    assertThat(neurons(plan)).isEqualTo(NEURONS);
    assertThat(heads(plan)).isEqualTo(HEADS);
    assertThat(shape(plan)[2]).isLessThan(WIDTH);
  }

  @Test
  void measuresEachPlanOnce() {
    List<List<BlockPlan>> seen = new ArrayList<>();
    search(
        measured("0.5"),
        plan -> {
          seen.add(plan.blocks());
          return HEADS - heads(plan) + neurons(plan) / 100.0;
        });
    assertThat(new HashSet<>(seen)).hasSameSizeAs(seen).hasSizeGreaterThan(3);
  }

  @Test
  void measuresNothingWhereThereIsNothingToFind() {
    ToDoubleFunction<PruningPlan> never =
        plan -> {
          throw new AssertionError("measured");
        };
    assertThatCode(
            () -> {
              search(SelectionOptions.of(Budget.params("0.5")), never);
              search(measured("0.5").with(Allocation.GLOBAL), never);
              search(measured("1.0"), never);
            })
        .doesNotThrowAnyException();
  }
}
