package io.gohsp.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.cost.BlockFormulas;
import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.create.VitArchitecture;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.plan.Analysed;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.Keeps;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.SelectionOptions.Floors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlanSelectorTest {
  private static final VitArchitecture SMALL = new VitArchitecture(16, 3, 4, 24, 3, 4, 40, 10);
  private static final Analysed VIT = Analysed.vit(SMALL);

  /**
   * Sizes after pruning, of the formulas: width of all queries, of all values, and neurons, for
   * every block.
   */
  private static List<long[]> sizes(PruningPlan plan) {
    List<long[]> all = new ArrayList<>();
    for (BlockPlan block : plan.blocks()) {
      long heads = block.headsKept() == null ? block.heads() : block.headsKept().size();
      long qk = block.qkKept() == null ? block.qkWidth() : block.qkKept().get(0).size();
      long v = block.vKept() == null ? block.vWidth() : block.vKept().get(0).size();
      long neurons = block.neuronsKept() == null ? block.neurons() : block.neuronsKept().size();
      all.add(new long[] {heads * qk, heads * v, neurons, heads});
    }
    return all;
  }

  private static long params(VitArchitecture vit, List<long[]> sizes) {
    BlockFormulas formulas = new BlockFormulas(vit.dim(), vit.tokens());
    return sizes.stream().mapToLong(s -> formulas.blockParams(s[0], s[1], s[2])).sum()
        + formulas.outerParams((long) vit.channels() * vit.patch() * vit.patch(), vit.classes());
  }

  private static long macs(VitArchitecture vit, List<long[]> sizes) {
    BlockFormulas formulas = new BlockFormulas(vit.dim(), vit.tokens());
    return sizes.stream().mapToLong(s -> formulas.blockMacs(s[0], s[1], s[2])).sum()
        + formulas.outerMacs((long) vit.channels() * vit.patch() * vit.patch(), vit.classes());
  }

  private static Cost counted(Analysed model, PruningPlan plan) {
    Keeps keeps = PlanResolver.resolve(plan, model.blocks(), Location.UNKNOWN);
    return CostModel.of(
        model.model(),
        model.facts(),
        Map.of(),
        value -> {
          var layouts = model.analysis().layout(value);
          return layouts == null
              ? model.facts().shape(value)
              : layouts.stream().map(keeps::size).toList();
        });
  }

  @Property(tries = 150)
  void meetsABudgetOfParametersToTheLastNeuron(
      @ForAll @IntRange(min = 45, max = 99) int percent,
      @ForAll Allocation allocation,
      @ForAll long seed) {
    Budget.Limit budget = Budget.params(percent + "%");
    PruningPlan plan = VIT.select(VIT.random(seed), SelectionOptions.of(budget).with(allocation));
    long limit = budget.limit(CostModel.of(VIT.model()));
    Cost cost = counted(VIT, plan);

    assertThat(cost.params()).isEqualTo(params(SMALL, sizes(plan)));
    assertThat(cost.macs()).isEqualTo(macs(SMALL, sizes(plan)));
    assertThat(cost.params()).isLessThanOrEqualTo(limit);
    if (allocation != Allocation.KNAPSACK) { // which may keep all neurons
      assertThat(cost.params()).isGreaterThanOrEqualTo(limit - (2 * SMALL.dim() + 1));
    }
    assertNothingMoreFits(plan, sizes -> params(SMALL, sizes), limit);
  }

  @Property(tries = 100)
  void meetsABudgetOfMacs(
      @ForAll @IntRange(min = 40, max = 99) int percent,
      @ForAll Allocation allocation,
      @ForAll long seed) {
    Budget.Limit budget = Budget.macs(percent + "%");
    PruningPlan plan = VIT.select(VIT.random(seed), SelectionOptions.of(budget).with(allocation));
    long limit = budget.limit(CostModel.of(VIT.model()));

    assertThat(counted(VIT, plan).macs()).isEqualTo(macs(SMALL, sizes(plan)));
    assertThat(macs(SMALL, sizes(plan))).isLessThanOrEqualTo(limit);
    assertNothingMoreFits(plan, sizes -> macs(SMALL, sizes), limit);
  }

  /** Both hold, and one more of anything would break one of them. */
  @Property(tries = 60)
  void meetsTwoBudgetsAtOnce(
      @ForAll @IntRange(min = 45, max = 99) int params,
      @ForAll @IntRange(min = 40, max = 99) int macs,
      @ForAll Allocation allocation,
      @ForAll long seed) {
    Cost dense = CostModel.of(VIT.model());
    Budget.Limit first = Budget.params(params + "%");
    Budget.Limit second = Budget.macs(macs + "%");
    PruningPlan plan =
        VIT.select(
            VIT.random(seed),
            SelectionOptions.of(Budget.all(List.of(first, second))).with(allocation));
    Cost cost = counted(VIT, plan);
    assertThat(cost.params()).isLessThanOrEqualTo(first.limit(dense));
    assertThat(cost.macs()).isLessThanOrEqualTo(second.limit(dense));
    assertNothingMoreFits(
        plan,
        sizes ->
            Math.max(
                params(SMALL, sizes) - first.limit(dense),
                macs(SMALL, sizes) - second.limit(dense)),
        0);
  }

  /** One more neuron, or one more column in each head, of any block. */
  private static void assertNothingMoreFits(
      PruningPlan plan, java.util.function.ToLongFunction<List<long[]>> cost, long limit) {
    List<long[]> sizes = sizes(plan);
    for (int i = 0; i < sizes.size(); i++) {
      long[] size = sizes.get(i);
      long width = SMALL.dim() / SMALL.heads();
      long[][] steps = {{size[3], 0, 0}, {0, size[3], 0}, {0, 0, 1}};
      long[] full = {size[3] * width, size[3] * width, SMALL.mlp()};
      for (int kind = 0; kind < 3; kind++) {
        if (size[kind] < full[kind]) {
          size[kind] += steps[kind][kind];
          assertThat(cost.applyAsLong(sizes)).as("block %d, kind %d", i, kind).isGreaterThan(limit);
          size[kind] -= steps[kind][kind];
        }
      }
    }
  }

  @Test
  void shrinksEveryLayerAndBothPartsAlike() {
    PruningPlan plan = VIT.select(VIT.random(1), SelectionOptions.of(Budget.params("60%")));
    List<long[]> sizes = sizes(plan);

    for (long[] size : sizes) {
      assertThat((double) size[0] / SMALL.dim())
          .isBetween(0.4, 0.7); // steps of a whole head's width
      assertThat((double) size[2] / SMALL.mlp()).isBetween(0.4, 0.7);
      assertThat(size[0]).isEqualTo(sizes.get(0)[0]);
      assertThat(size[1]).isEqualTo(sizes.get(0)[1]);
      assertThat(size[2]).isBetween(sizes.get(0)[2] - 1, sizes.get(0)[2] + 1);
    }
  }

  @Test
  void takesMoreFromLayersThatMatterLess() {
    List<Importance.Scores> scores = new ArrayList<>(VIT.random(3).blocks());
    Importance.Scores first = scores.get(0);
    for (double[] some : List.of(first.heads(), first.neurons())) {
      for (int i = 0; i < some.length; i++) {
        some[i] += 10;
      }
    }
    PruningPlan plan =
        VIT.select(
            new Importance(scores),
            SelectionOptions.of(Budget.params("60%")).with(Allocation.GLOBAL));

    assertThat(plan.blocks().get(0).headsKept()).isNull();
    assertThat(sizes(plan).get(0)[2]).isEqualTo(SMALL.mlp());
    assertThat(sizes(plan).get(1)[2]).isLessThan(SMALL.mlp() / 2);
  }

  @ParameterizedTest
  @EnumSource(Allocation.class)
  void isTheSameEveryTime(Allocation allocation) {
    SelectionOptions options = SelectionOptions.of(Budget.macs("0.55")).with(allocation);

    assertThat(VIT.select(VIT.random(5), options)).isEqualTo(VIT.select(VIT.random(5), options));
    assertThat(VIT.select(VIT.random(5), options)).isNotEqualTo(VIT.select(VIT.random(6), options));
  }

  @Test
  void keepsTheLowestOfEquals() {
    Importance same = new Importance(VIT.blocks().stream().map(Importance.Scores::zeros).toList());
    PruningPlan plan =
        VIT.select(
            same,
            SelectionOptions.of(
                Share.parse("", "2"), Share.parse("", "3"), null, Share.parse("", "25%")));

    for (BlockPlan block : plan.blocks()) {
      assertThat(block.headsKept()).containsExactly(0, 1);
      assertThat(block.qkKept()).containsExactly(List.of(0, 1, 2), List.of(0, 1, 2));
      assertThat(block.vKept()).isNull();
      assertThat(block.neuronsKept()).isEqualTo(IntStream.range(0, 10).boxed().toList());
    }
  }

  /** Shares and floors of single blocks hold, and the budget is met with the rest. */
  @ParameterizedTest
  @EnumSource(Allocation.class)
  void wishesOfBlocksHold(Allocation allocation) {
    List<BlockWish> wishes =
        List.of(
            new BlockWish(
                Exclusion.parse("block 1"),
                Map.of(
                    GroupKind.HEADS,
                    Share.parse("", "3"),
                    GroupKind.NEURONS,
                    Share.parse("", "50%")),
                Map.of()),
            new BlockWish(
                Exclusion.parse("block *"),
                Map.of(GroupKind.HEADS, Share.parse("", "1")),
                Map.of(GroupKind.NEURONS, 17)));
    Budget.Limit budget = Budget.params("75%");
    PruningPlan plan =
        VIT.select(VIT.random(4), SelectionOptions.of(budget).with(allocation).wishing(wishes));
    assertThat(counted(VIT, plan).params())
        .isLessThanOrEqualTo(budget.limit(CostModel.of(VIT.model())));
    List<long[]> sizes = sizes(plan);
    assertThat(sizes.stream().map(size -> size[3]).toList()).containsExactly(1L, 3L, 1L);
    assertThat(sizes.get(1)[2]).isEqualTo(20);
    assertThat(sizes.get(0)[2]).isGreaterThanOrEqualTo(17);
    assertThat(sizes.get(2)[2]).isGreaterThanOrEqualTo(17);
    // Without a budget the others keep everything.
    PruningPlan alone =
        VIT.select(
            VIT.random(4),
            new SelectionOptions(
                null,
                null,
                null,
                null,
                null,
                allocation,
                1,
                List.of(),
                Floors.ONE,
                wishes.subList(0, 1),
                VIT.random(4),
                Map.of()));
    assertThat(sizes(alone).stream().map(size -> size[3]).toList()).containsExactly(4L, 3L, 4L);
  }

  /** A wish of none drops the branch, whatever the floors of all; the budget counts that. */
  @ParameterizedTest
  @EnumSource(Allocation.class)
  void branchesGoWhoseWishIsNone(Allocation allocation) {
    List<BlockWish> wishes =
        List.of(
            new BlockWish(
                Exclusion.parse("block 0"), Map.of(GroupKind.NEURONS, Share.NONE), Map.of()),
            new BlockWish(
                Exclusion.parse("block 1"), Map.of(GroupKind.HEADS, Share.NONE), Map.of()));
    Budget.Limit budget = Budget.params("50%");
    PruningPlan plan =
        VIT.select(VIT.random(4), SelectionOptions.of(budget).with(allocation).wishing(wishes));
    assertThat(plan.blocks().get(0).neuronsKept()).isEmpty();
    assertThat(plan.blocks().get(1).headsKept()).isEmpty();
    assertThat(plan.blocks().get(0).headsKept()).isNotEqualTo(List.of());
    assertThat(CostModel.of(Pruning.prune(VIT.model(), plan)).params())
        .isLessThanOrEqualTo(budget.limit(CostModel.of(VIT.model())));
  }

  /** A single head is no axis; its attention goes with its value columns. */
  @Test
  void aSingleHeadMayGo() {
    Analysed model = Analysed.fixture("timm_vit_onehead");
    BlockWish wish =
        new BlockWish(Exclusion.parse("block 0"), Map.of(GroupKind.HEADS, Share.NONE), Map.of());
    Importance importance = model.random(4);
    Importance.Scores worthless = importance.blocks().get(1);
    worthless.v()[0] = new double[worthless.v()[0].length];
    Budget.Limit budget = Budget.params("55%");
    PruningPlan plan =
        model.select(
            importance,
            SelectionOptions.of(budget)
                .with(Allocation.KNAPSACK)
                .with(Floors.FREE_BRANCHES)
                .wishing(List.of(wish)));
    assertThat(plan.blocks().get(0).headsKept()).isEmpty();
    assertThat(plan.blocks().get(1).headsKept()).isEmpty();
    assertThat(CostModel.of(Pruning.prune(model.model(), plan)).params())
        .isLessThanOrEqualTo(budget.limit(CostModel.of(model.model())));
  }

  @Test
  void wishesForNoBlockAreRefused() {
    BlockWish wish = new BlockWish(Exclusion.parse("block 7"), Map.of(), Map.of());
    assertThatThrownBy(
            () ->
                VIT.select(
                    VIT.random(4),
                    SelectionOptions.of(Budget.params("75%")).wishing(List.of(wish))))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("a wish is for \"block 7\", which matches no block");
  }

  @Test
  void keepsWhatScoresHighestAndLetsEveryHeadChooseItsOwnColumns() {
    Importance.Scores scores = Importance.Scores.zeros(VIT.blocks().get(0));
    scores.heads()[1] = 1;
    scores.heads()[3] = 2;
    scores.v()[1][4] = 1;
    scores.v()[3][5] = 1;
    scores.v()[0][0] = 9; // goes with its head
    scores.neurons()[39] = 1;
    List<Importance.Scores> all = new ArrayList<>(VIT.random(0).blocks());
    all.set(0, scores);
    BlockPlan block =
        VIT.select(
                new Importance(all),
                SelectionOptions.of(
                    Share.parse("", "50%"), null, Share.parse("", "1"), Share.parse("", "1")))
            .blocks()
            .get(0);

    assertThat(block.headsKept()).containsExactly(1, 3);
    assertThat(block.vKept()).containsExactly(List.of(4), List.of(5));
    assertThat(block.neuronsKept()).containsExactly(39);
  }

  @Test
  void meetsTheBudgetWithWhatHasNoShare() {
    SelectionOptions options =
        new SelectionOptions(
            Share.parse("", "100%"),
            Share.parse("", "4"),
            Share.parse("", "100%"),
            null,
            Budget.params("60%"),
            Allocation.UNIFORM,
            1,
            List.of(),
            Floors.ONE,
            List.of(),
            null,
            Map.of());
    PruningPlan plan = VIT.select(VIT.random(2), options);

    for (BlockPlan block : plan.blocks()) {
      assertThat(block.headsKept()).isNull();
      assertThat(block.qkKept()).allSatisfy(row -> assertThat(row).hasSize(4));
      assertThat(block.vKept()).isNull();
    }
    long limit = Budget.params("60%").limit(CostModel.of(VIT.model()));
    assertThat(counted(VIT, plan).params()).isBetween(limit - (2 * SMALL.dim() + 1), limit);
  }

  @Property(tries = 50)
  void keepsFloorsMultiplesAndExclusions(
      @ForAll @IntRange(min = 70, max = 95) int percent,
      @ForAll Allocation allocation,
      @ForAll long seed) {
    SelectionOptions options =
        SelectionOptions.of(Budget.params(percent + "%"))
            .with(allocation)
            .with(new Floors(2, 2, 9))
            .withAlign(4)
            .excluding(Exclusion.parse("block 1"));
    PruningPlan plan = VIT.select(VIT.random(seed), options);
    long limit = Budget.params(percent + "%").limit(CostModel.of(VIT.model()));

    assertThat(plan.blocks().get(1).isEmpty()).isTrue();
    assertThat(counted(VIT, plan).params()).isLessThanOrEqualTo(limit);
    for (BlockPlan block : plan.blocks()) {
      if (block.headsKept() != null) {
        assertThat(block.headsKept().size()).isGreaterThanOrEqualTo(2);
      }
      if (block.qkKept() != null) {
        assertThat(block.qkKept().get(0)).hasSize(4);
      }
      if (block.neuronsKept() != null) {
        assertThat(block.neuronsKept().size() % 4).isZero();
        assertThat(block.neuronsKept().size()).isGreaterThanOrEqualTo(12);
      }
    }
  }

  @Test
  void sparesTheWeightsThatAreNamed() {
    String weight =
        VIT.analysis().layouts().keySet().stream()
            .filter(v -> v.constant() != null && v.name().contains("mlp"))
            .findFirst()
            .orElseThrow()
            .name();
    PruningPlan plan =
        VIT.select(
            VIT.random(1),
            SelectionOptions.of(Budget.params("80%")).excluding(Exclusion.parse(weight)));

    assertThat(plan.blocks().get(0).neuronsKept()).isNull();
    assertThat(plan.blocks().get(1).neuronsKept()).isNotNull();
  }

  @Test
  void refusesAnExclusionThatMatchesNothing() {
    SelectionOptions options =
        SelectionOptions.of(Budget.params("80%")).excluding(Exclusion.parse("block 9"));

    assertThatThrownBy(() -> VIT.select(VIT.random(1), options))
        .isInstanceOf(InvalidOption.class)
        .hasMessage(
            "--exclude block 9 matches no block, no residual stream and no weight; blocks are called \"block 0\", \"block 1\", \"block 2\" …");
  }

  @Test
  void removesNothingIfTheBudgetIsMet() {
    assertThat(VIT.select(VIT.random(1), SelectionOptions.of(Budget.params("1"))).isEmpty())
        .isTrue();
    assertThat(VIT.select(VIT.random(1), SelectionOptions.of(Budget.macs("5T"))).isEmpty())
        .isTrue();
  }

  @Test
  void saysWhatIsReachableAndWhatKeepsItUp() {
    SelectionOptions options =
        SelectionOptions.of(Budget.params("10%"))
            .with(new Floors(2, 1, 1))
            .excluding(Exclusion.parse("block 2"));
    long least =
        params(SMALL, List.of(new long[] {2, 2, 1}, new long[] {2, 2, 1}, new long[] {24, 24, 40}))
            - 2; // one neuron's bias is a tensor of one element, which counts as a setting

    assertThatThrownBy(() -> VIT.select(VIT.random(1), options))
        .isInstanceOf(ModelException.NothingToPrune.class)
        .hasMessage(
            String.format(
                java.util.Locale.ROOT,
                "the budget of %,d parameters cannot be reached: at least %,d of %,d stay;"
                    + " heads of block 2 and 3 more: excluded;"
                    + " at least 2 heads of 1 columns and 1 neurons stay in every layer"
                    + " (raise the budget, lower the floors (--min-heads, --min-width, --min-neurons), or exclude less)",
                CostModel.of(VIT.model()).params() / 10,
                least,
                CostModel.of(VIT.model()).params()));
  }

  @Test
  void reachesTheLeastItNames() {
    long least =
        params(SMALL, List.of(new long[] {1, 1, 1}, new long[] {1, 1, 1}, new long[] {1, 1, 1}))
            - 3; // one neuron's bias is a tensor of one element, which counts as a setting
    PruningPlan plan =
        VIT.select(
            VIT.random(1), SelectionOptions.of(new Budget.Params(new Amount.Absolute(least))));

    assertThat(counted(VIT, plan).params()).isEqualTo(least);
    assertThatThrownBy(
            () ->
                VIT.select(
                    VIT.random(1),
                    SelectionOptions.of(new Budget.Params(new Amount.Absolute(least - 1)))))
        .isInstanceOf(ModelException.NothingToPrune.class);
  }

  @Test
  void refusesAnAlignmentThatNoWidthReaches() {
    SelectionOptions options = SelectionOptions.of(Budget.params("80%")).withAlign(1_000_000);

    assertThatThrownBy(() -> VIT.select(VIT.random(1), options))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("--align 1000000 is more than the widest axis has");
  }

  @Test
  void keepsTheProvenance() {
    PruningPlan plan =
        PlanSelector.select(
            VIT.working(),
            VIT.random(1),
            SelectionOptions.of(Budget.params("80%")),
            Map.of("seed", "1"));

    assertThat(plan.provenance()).isEqualTo(Map.of("seed", "1"));
  }

  @ParameterizedTest
  @EnumSource(Allocation.class)
  void halvesADeitSmall(Allocation allocation) {
    VitArchitecture small = VitArchitecture.named("deit-small");
    Analysed vit = Analysed.vit(small);
    PruningPlan half =
        vit.select(vit.magnitude(), SelectionOptions.of(Budget.params("50%")).with(allocation));

    long neuron = 2 * 384 + 1;
    assertThat(params(small, sizes(half))).isBetween(22_050_664L / 2 - neuron + 1, 22_050_664L / 2);
  }
}
