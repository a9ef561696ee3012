package io.gohsp.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.cost.CostModel;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.latency.LatencySearch.Found;
import io.gohsp.latency.LatencySettings.Effort;
import io.gohsp.latency.MeasuredLatency.Alignment;
import io.gohsp.method.Methods;
import io.gohsp.method.PruningMethod;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.Device;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Floors;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The search, on a clock whose time is known: what it finds, and what it does about luck. */
class LatencySearchTest {
  private static final Model VIT =
      VitBuilder.build(new VitArchitecture(16, 3, 4, 32, 2, 2, 96, 10), 3);
  private static final long DENSE_MACS = CostModel.of(VIT).macs();
  private static final double DENSE_MS = 20;

  /** A clock: milliseconds by plan, each measurement telling half a percent on either side. */
  private static final class Clock implements CandidateTimer {
    private final LatencyTarget target;
    private final ToDoubleFunction<PruningPlan> ms;
    private double luck = 1;
    private int timed;
    private boolean closed;

    Clock(LatencyTarget target, ToDoubleFunction<PruningPlan> ms) {
      this.target = target;
      this.ms = ms;
    }

    /** Measurements that are not the last are this many times too short. */
    Clock withLuck(double factor) {
      luck = factor;
      return this;
    }

    @Override
    public Trial time(PruningPlan plan, Effort effort, int doublings) {
      timed++;
      boolean last = effort.seconds() > Effort.STANDARD.seconds();
      double time = ms.applyAsDouble(plan) / (last ? 1 : luck);
      return Trial.of(plan, macs(plan), latency(DENSE_MS), latency(time), target);
    }

    private static Latency latency(double time) {
      double ratio = time / DENSE_MS;
      return new Latency(
          "fake",
          1,
          31,
          time,
          time,
          ratio,
          new Range(0.995 * time, 1.005 * time),
          new Range(0.995 * ratio, 1.005 * ratio));
    }

    @Override
    public Device device() {
      return Device.CPU;
    }

    @Override
    public int timed() {
      return timed;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static long macs(PruningPlan plan) {
    return CostModel.of(Pruning.prune(VIT, plan)).macs();
  }

  /** A fifth of the time whatever stays, the rest by multiply-accumulates. */
  private static double linear(PruningPlan plan) {
    return DENSE_MS * (0.2 + 0.8 * macs(plan) / DENSE_MACS);
  }

  private static LatencySearch search(LatencyTarget target, Floors floors) {
    PruningMethod.Planner planner = Methods.SOMP.planner(WorkingModel.normalized(VIT), 0);
    return new LatencySearch(
        VIT,
        target,
        LatencySettings.STANDARD,
        (budget, align) -> planner.plan(SelectionOptions.of(budget).with(floors).withAlign(align)),
        phase -> {});
  }

  private static Found find(Clock clock, Integer align) {
    Found found = search(clock.target, Floors.ONE).run(align, () -> clock);
    assertThat(clock.closed).isTrue();
    assertThat(found.latency().candidates()).isEqualTo(clock.timed);
    return found;
  }

  @Test
  void keepsAsMuchAsThePartAllows() {
    LatencyTarget target = LatencyTarget.parse("", "0.6");

    Found found = find(new Clock(target, LatencySearchTest::linear), 1);

    // 0.6 less what the clock leaves open, and two steps of the search (a hundredth of the
    // multiply-accumulates, four fifths of which count).
    assertThat(linear(found.plan()) / DENSE_MS).isBetween(0.6 / 1.005 - 2 * 0.008, 0.6 / 1.005);
    assertThat(found.latency().pruned().ratioRange().high()).isLessThanOrEqualTo(0.6);
    assertThat(found.latency().alignments()).isEmpty();
  }

  @Test
  void keepsAsMuchAsTheTimeAllows() {
    Found found = find(new Clock(LatencyTarget.parse("", "9ms"), LatencySearchTest::linear), 1);

    assertThat(linear(found.plan())).isBetween(9 / 1.005 - 2 * 0.008 * DENSE_MS, 9 / 1.005);
  }

  @Test
  void keepsEverythingIfThatIsFastEnough() {
    Found found = find(new Clock(LatencyTarget.parse("", "21ms"), LatencySearchTest::linear), null);

    assertThat(found.plan().isEmpty()).isTrue();
    assertThat(found.latency().align()).isEqualTo(1);
  }

  @Test
  void choosesTheAlignmentThatIsFastest() {
    ToDoubleFunction<PruningPlan> likesEights =
        plan -> linear(plan) * (widths(plan) % 8 == 0 ? 1 : 1.3);

    Found found = find(new Clock(LatencyTarget.parse("", "0.6"), likesEights), null);

    assertThat(found.latency().align()).isIn(8, 16);
    assertThat(found.latency().alignments()).extracting(Alignment::align).contains(1, 4, 8, 16);
    assertThat(widths(found.plan()) % 8).isZero();
  }

  @Test
  void choosesTheFinestOfEqualAlignments() {
    Found found = find(new Clock(LatencyTarget.parse("", "0.6"), LatencySearchTest::linear), null);

    assertThat(found.latency().align()).isEqualTo(1);
  }

  /** The widths of a plan's blocks, or a multiple of 8 where all stay: 16 columns, 96 neurons. */
  private static int widths(PruningPlan plan) {
    int all = 0;
    for (BlockPlan block : plan.blocks()) {
      all |= block.qkKept() == null ? 0 : block.qkKept().get(0).size();
      all |= block.vKept() == null ? 0 : block.vKept().get(0).size();
      all |= block.neuronsKept() == null ? 0 : block.neuronsKept().size();
    }
    return all;
  }

  @Test
  void doesNotTrustLuck() {
    LatencyTarget target = LatencyTarget.parse("", "0.6");

    Found found = find(new Clock(target, LatencySearchTest::linear).withLuck(1.1), 1);

    assertThat(linear(found.plan()) / DENSE_MS).isLessThanOrEqualTo(0.6 / 1.005);
    assertThat(found.latency().pruned().ratioRange().high()).isLessThanOrEqualTo(0.6);
  }

  @Test
  void takesTheSmallestPlanBeforeItGivesUp() {
    LatencyTarget target = LatencyTarget.parse("", "0.3");
    // The last measurement never passes but for next to nothing.
    ToDoubleFunction<PruningPlan> unstable =
        plan -> macs(plan) < 0.09 * DENSE_MACS ? linear(plan) : DENSE_MS;

    Found found = find(new Clock(target, unstable).withLuck(4), 1);

    assertThat((double) macs(found.plan())).isLessThan(0.09 * DENSE_MACS);
  }

  @Test
  void saysWhatCanBeReached() {
    LatencyTarget target = LatencyTarget.parse("", "0.3");
    Clock clock = new Clock(target, LatencySearchTest::linear);

    assertThatThrownBy(() -> search(target, new Floors(2, 16, 48)).run(1, () -> clock))
        .isInstanceOf(ModelException.NothingToPrune.class)
        .hasMessageMatching(
            "the latency of 30% of the original's time cannot be reached: the smallest model that"
                + " the options allow takes 1\\d\\.\\d{3} ms, \\d\\d\\.\\d to \\d\\d\\.\\d % of the"
                + " original's 20\\.000 ms, with batch 1 \\(raise the target, lower the floors"
                + " \\(--min-heads, --min-width, --min-neurons\\) or --align, or exclude less\\)");
    assertThat(clock.closed).isTrue();
  }

  @Test
  void saysThatNothingCanBePruned() {
    LatencyTarget target = LatencyTarget.parse("", "0.3");

    assertThatThrownBy(
            () ->
                search(target, new Floors(2, 16, 96))
                    .run(1, () -> new Clock(target, LatencySearchTest::linear)))
        .isInstanceOf(ModelException.NothingToPrune.class)
        .hasMessageContaining("nothing can be pruned")
        .hasMessageEndingWith("(lower the floors (--min-heads, --min-width, --min-neurons))");
  }

  @Test
  void triesEveryAlignmentThatThereIs() {
    LatencyTarget target = LatencyTarget.parse("", "0.9");

    List<Alignment> tried =
        find(new Clock(target, LatencySearchTest::linear), null).latency().alignments();

    assertThat(tried).extracting(Alignment::align).containsExactly(1, 4, 8, 16);
    assertThat(tried.get(0).latency()).isNotNull();
  }
}
