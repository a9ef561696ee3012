package io.gohsp.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.Factor;
import io.gohsp.cost.Cost;
import io.gohsp.cost.CostModel;
import io.gohsp.fixture.FixtureNames;
import io.gohsp.ir.Location;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.plan.Analysed;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.Keep;
import io.gohsp.plan.PlanResolver;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.SelectionOptions.Floors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import org.jspecify.annotations.Nullable;

/**
 * A budget is never missed and never left unused: counted in the model that really was pruned, one
 * more unit of anything that may grow is too much. Whatever the exporter, the allocation, the
 * alignment, the floors and the exclusions.
 */
class BudgetPropertyTest {
  private static final List<String> FIXTURES =
      FixtureNames.all().stream()
          .filter(name -> !name.startsWith("neg_") && !name.contains("matmulnbits"))
          .toList();

  private static final Map<String, Subject> SUBJECTS = new LinkedHashMap<>();

  /** Branches often: few plans drop one. */
  private static final List<Floors> FLOORS =
      List.of(Floors.ONE, new Floors(2, 2, 5), Floors.FREE_BRANCHES, Floors.FREE_BRANCHES);

  private static int grown;
  private static int dropped;

  private record Subject(Model original, Cost dense, Analysed model, Importance importance) {}

  private static Subject subject(int number) {
    String name = FIXTURES.get(number % FIXTURES.size());
    return SUBJECTS.computeIfAbsent(
        name,
        n -> {
          Model original = Analysed.read(n);
          Analysed model = Analysed.normalized(original);
          return new Subject(original, CostModel.of(original), model, model.random(3));
        });
  }

  @AfterContainer
  static void somethingWasTried() {
    assertThat(grown).isGreaterThan(100);
    assertThat(dropped).isPositive();
    SUBJECTS.clear();
  }

  /** Always the same plans: among others, too few now and then dropped a branch. */
  @Property(tries = 80, seed = "-37123576722523812")
  void isMetToTheLastUnit(
      @ForAll @IntRange(min = 0, max = 10_000) int fixture,
      @ForAll @IntRange(min = 30, max = 97) int percent,
      @ForAll boolean macs,
      @ForAll Allocation allocation,
      @ForAll @IntRange(min = 1, max = 4) int align,
      @ForAll @IntRange(min = 0, max = 3) int floors,
      @ForAll boolean exclude) {
    Subject subject = subject(fixture);
    Budget.Limit budget = macs ? Budget.macs(percent + "%") : Budget.params(percent + "%");
    SelectionOptions options =
        SelectionOptions.of(budget).with(allocation).withAlign(align).with(FLOORS.get(floors));
    if (exclude) {
      options = options.excluding(Exclusion.parse(subject.model().blocks().get(0).name()));
    }
    long limit = budget.limit(subject.dense());
    PruningPlan plan;
    try {
      plan = subject.model().select(subject.importance(), options);
    } catch (ModelException.NothingToPrune e) {
      // Where there is a least, it is more than the limit, and it can be met.
      if (e.least().isPresent()) {
        long least = e.least().getAsLong();
        assertThat(least).isGreaterThan(limit);
      }
      return;
    }
    assertThat(spent(subject, plan, budget)).isLessThanOrEqualTo(limit);
    dropped += plan.blocks().stream().anyMatch(b -> b.dropsAttention() || b.dropsMlp()) ? 1 : 0;
    for (int i = exclude ? 1 : 0; i < plan.blocks().size(); i++) {
      for (GroupKind kind : GroupKind.values()) {
        BlockPlan larger = grown(plan.blocks().get(i), kind, align);
        if (larger == null) {
          continue;
        }
        List<BlockPlan> blocks = new ArrayList<>(plan.blocks());
        blocks.set(i, larger);
        try {
          PruningPlan more = new PruningPlan(blocks, Map.of());
          if (kept(subject, more).equals(kept(subject, plan))) {
            continue; // another block that shares the axis still says what goes
          }
          long spent = spent(subject, more, budget);
          grown++;
          assertThat(spent)
              .as("%s: %s of %s", subject.original().source(), kind, larger.block())
              .isGreaterThan(limit);
        } catch (ModelException.BadPlan shared) {
          // one unit is more than one position there
        }
      }
    }
  }

  private static long spent(Subject subject, PruningPlan plan, Budget.Limit budget) {
    return budget.spent(CostModel.of(Pruning.prune(subject.original(), plan)));
  }

  /** What stays of every factor, as positions. */
  private static Map<Factor, Keep> kept(Subject subject, PruningPlan plan) {
    return PlanResolver.resolve(plan, subject.model().blocks(), Location.UNKNOWN).byFactor();
  }

  /** The block with one step more of a kind; null if all of it stays already. */
  private static @Nullable BlockPlan grown(BlockPlan b, GroupKind kind, int align) {
    return switch (kind) {
      case HEADS -> b.headsKept() == null || b.dropsAttention() ? null : withHead(b);
      case QK ->
          b.qkKept() == null
              ? null
              : with(b, moreOfEach(b.qkKept(), b.qkWidth(), align), b.vKept(), b.neuronsKept());
      case V ->
          b.vKept() == null
              ? null
              : with(b, b.qkKept(), moreOfEach(b.vKept(), b.vWidth(), align), b.neuronsKept());
      case NEURONS ->
          b.neuronsKept() == null
              ? null
              : with(b, b.qkKept(), b.vKept(), more(b.neuronsKept(), b.neurons(), align));
    };
  }

  private static BlockPlan with(
      BlockPlan b,
      @Nullable List<List<Integer>> qk,
      @Nullable List<List<Integer>> v,
      @Nullable List<Integer> neurons) {
    return new BlockPlan(
        b.block(), b.heads(), b.qkWidth(), b.vWidth(), b.neurons(), b.headsKept(), qk, v, neurons);
  }

  private static List<List<Integer>> moreOfEach(List<List<Integer>> rows, int size, int align) {
    return rows.stream().map(row -> more(row, size, align)).toList();
  }

  private static List<Integer> more(List<Integer> kept, int size, int align) {
    int count = Math.min(size, kept.size() + align);
    List<Integer> all = new ArrayList<>(kept);
    IntStream.range(0, size)
        .filter(position -> !kept.contains(position))
        .limit(count - kept.size())
        .forEach(all::add);
    all.sort(null);
    return all;
  }

  /** One head more, with the columns that the first head keeps. */
  private static BlockPlan withHead(BlockPlan b) {
    List<Integer> heads = more(b.headsKept(), b.heads(), 1);
    int at = 0;
    while (at < b.headsKept().size() && heads.get(at).equals(b.headsKept().get(at))) {
      at++;
    }
    return new BlockPlan(
        b.block(),
        b.heads(),
        b.qkWidth(),
        b.vWidth(),
        b.neurons(),
        heads,
        withRow(b.qkKept(), at),
        withRow(b.vKept(), at),
        b.neuronsKept());
  }

  private static @Nullable List<List<Integer>> withRow(@Nullable List<List<Integer>> rows, int at) {
    if (rows == null) {
      return null;
    }
    List<List<Integer>> more = new ArrayList<>(rows);
    more.add(at, rows.get(0));
    return more;
  }

  @Property(tries = 40)
  void theLeastThatIsNamedCanBeMet(
      @ForAll @IntRange(min = 0, max = 10_000) int fixture,
      @ForAll boolean macs,
      @ForAll Allocation allocation,
      @ForAll @IntRange(min = 1, max = 4) int align) {
    Subject subject = subject(fixture);
    Amount one = new Amount.Absolute(1);
    Budget.Limit impossible = macs ? new Budget.Macs(one) : new Budget.Params(one);
    long least;
    try {
      subject
          .model()
          .select(
              subject.importance(),
              SelectionOptions.of(impossible).with(allocation).withAlign(align));
      throw new AssertionError("a model of one " + impossible.unit());
    } catch (ModelException.NothingToPrune e) {
      least = e.least().orElseThrow();
    }
    Amount amount = new Amount.Absolute(least);
    Budget.Limit budget = macs ? new Budget.Macs(amount) : new Budget.Params(amount);
    PruningPlan plan =
        subject
            .model()
            .select(
                subject.importance(),
                SelectionOptions.of(budget).with(allocation).withAlign(align));
    assertThat(spent(subject, plan, budget)).isLessThanOrEqualTo(least);
    assertThat(PlanResolver.resolve(plan, subject.model().blocks(), Location.UNKNOWN).isEmpty())
        .isFalse();
  }
}
