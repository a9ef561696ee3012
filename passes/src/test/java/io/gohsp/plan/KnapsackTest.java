package io.gohsp.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.create.VitArchitecture;
import io.gohsp.selection.Budget;
import io.gohsp.selection.GroupKind;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.SelectionOptions.Allocation;
import io.gohsp.selection.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The multiplier's solution against all others, where there are few enough to try them all. */
class KnapsackTest {
  /** Two blocks of two heads of three columns, and five neurons. */
  private static final VitArchitecture TINY = new VitArchitecture(8, 1, 4, 6, 2, 2, 5, 3);

  private static final Analysed VIT = Analysed.vit(TINY);
  private static final int[] UNITS = {2, 3, 3, 5};

  /** All that a block may keep with both heads. */
  private static final List<int[]> BLOCKS = blocks();

  private static List<int[]> blocks() {
    List<int[]> all = new ArrayList<>();
    for (int qk = 1; qk <= 3; qk++) {
      for (int v = 1; v <= 3; v++) {
        for (int neurons = 1; neurons <= 5; neurons++) {
          all.add(new int[] {2, qk, v, neurons});
        }
      }
    }
    return all;
  }

  /** What goes where all heads stay. */
  private static double loss(Scores scores, int[] units) {
    double loss = lost(sorted(scores.neurons()), units[3]);
    for (int head = 0; head < units[0]; head++) {
      loss += lost(sorted(scores.qk()[head]), units[1]) + lost(sorted(scores.v()[head]), units[2]);
    }
    return loss;
  }

  private static double[] sorted(double[] scores) {
    double[] rising = scores.clone();
    Arrays.sort(rising);
    return rising;
  }

  private static double lost(double[] rising, int kept) {
    return Arrays.stream(rising).limit(rising.length - kept).sum();
  }

  /** METHOD.md section 5, for the blocks alone. */
  private static long params(int[] units) {
    long d = TINY.dim();
    long columns = units[0];
    return 2 * (d + 1) * columns * units[1]
        + (d + 1) * columns * units[2]
        + d * columns * units[2]
        + (2 * d + 1) * units[3];
  }

  private static int[] units(BlockPlan plan) {
    return new int[] {
      plan.headsKept() == null ? UNITS[0] : plan.headsKept().size(),
      plan.qkKept() == null ? UNITS[1] : plan.qkKept().get(0).size(),
      plan.vKept() == null ? UNITS[2] : plan.vKept().get(0).size(),
      plan.neuronsKept() == null ? UNITS[3] : plan.neuronsKept().size()
    };
  }

  /**
   * A multiplier's solution is the best there is for what it costs; what it leaves of the budget is
   * less than the next unit, so that nothing can gain more than that unit would.
   */
  @Property(tries = 300)
  void nothingElseThatFitsLosesLessThanAUnitLess(
      @ForAll @IntRange(min = 65, max = 99) int percent, @ForAll long seed) {
    Importance losses = VIT.random(seed);
    SelectionOptions options =
        SelectionOptions.of(Budget.params(percent + "%"))
            .with(GroupKind.HEADS, Share.parse("heads", "100%"))
            .with(Allocation.KNAPSACK);

    List<BlockPlan> plans = VIT.select(losses, options).blocks();
    int[] first = units(plans.get(0));
    int[] second = units(plans.get(1));
    Scores ofFirst = losses.blocks().get(0);
    Scores ofSecond = losses.blocks().get(1);
    long spent = params(first) + params(second);

    double best = Double.POSITIVE_INFINITY;
    for (int[] one : BLOCKS) {
      for (int[] other : BLOCKS) {
        if (params(one) + params(other) <= spent) {
          best = Math.min(best, loss(ofFirst, one) + loss(ofSecond, other));
        }
      }
    }
    double dearest = Math.max(dearest(ofFirst, first), dearest(ofSecond, second));
    assertThat(loss(ofFirst, first) + loss(ofSecond, second)).isLessThanOrEqualTo(best + dearest);
  }

  /** The most that one unit more would gain. */
  private static double dearest(Scores scores, int[] chosen) {
    double dearest = 0;
    for (int kind = 1; kind < 4; kind++) {
      if (chosen[kind] < UNITS[kind]) {
        int[] more = chosen.clone();
        more[kind]++;
        dearest = Math.max(dearest, loss(scores, chosen) - loss(scores, more));
      }
    }
    return dearest;
  }
}
