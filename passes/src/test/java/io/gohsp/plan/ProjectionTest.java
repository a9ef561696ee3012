package io.gohsp.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.create.VitArchitecture;
import io.gohsp.selection.Importance;
import io.gohsp.selection.Importance.Scores;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.selection.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * {@link PlanSelector#reselect} as the projection of METHOD.md section 3: of the vectors with at
 * most k groups that are not zero, the nearest keeps the k groups of largest norm. Keeping a group
 * or not is all a plan says, so that values are kept exactly by construction.
 */
class ProjectionTest {
  private static final int HEADS = 2;
  private static final int WIDTH = 4;
  private static final int NEURONS = 6;
  private static final int BLOCKS = 2;

  private static final Analysed VIT =
      Analysed.vit(new VitArchitecture(8, 1, 4, HEADS * WIDTH, BLOCKS, HEADS, NEURONS, 3));

  private static PruningPlan plan(int qk, int v, int neurons) {
    return VIT.select(
        VIT.random(3),
        SelectionOptions.of(
            null, new Share.Count(qk), new Share.Count(v), new Share.Count(neurons)));
  }

  private static PruningPlan reselect(Importance norms, PruningPlan plan) {
    return PlanSelector.reselect(VIT.working(), norms, plan);
  }

  /** Small whole numbers, among which there are ties. */
  private static Importance norms(Random random) {
    List<Scores> blocks = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      double[][] qk = new double[HEADS][];
      double[][] v = new double[HEADS][];
      for (int head = 0; head < HEADS; head++) {
        qk[head] = row(random, WIDTH);
        v[head] = row(random, WIDTH);
      }
      blocks.add(new Scores(row(random, HEADS), qk, v, row(random, NEURONS)));
    }
    return new Importance(blocks);
  }

  private static double[] row(Random random, int size) {
    return random.ints(size, 0, 5).asDoubleStream().toArray();
  }

  /**
   * Of all subsets of k positions that with the largest sum of squares; of equal ones the first.
   */
  private static List<Integer> nearest(double[] norms, int k) {
    List<Integer> best = null;
    double most = -1;
    for (int subset = 0; subset < 1 << norms.length; subset++) {
      List<Integer> kept = new ArrayList<>();
      double sum = 0;
      for (int i = 0; i < norms.length; i++) {
        if (((subset >> i) & 1) == 1) {
          kept.add(i);
          sum += norms[i] * norms[i];
        }
      }
      // Rising subsets: with equal sums the one with lower indices comes first.
      if (kept.size() == k && (sum > most || (sum == most && isBefore(kept, best)))) {
        most = sum;
        best = kept;
      }
    }
    return best;
  }

  private static boolean isBefore(List<Integer> a, List<Integer> b) {
    for (int i = 0; i < a.size(); i++) {
      if (!a.get(i).equals(b.get(i))) {
        return a.get(i) < b.get(i);
      }
    }
    return false;
  }

  @Test
  void keepsWhatLeavesTheLeastBehind() {
    Random random = new Random(11);
    for (int round = 0; round < 200; round++) {
      int qk = 1 + random.nextInt(WIDTH - 1);
      int v = 1 + random.nextInt(WIDTH - 1);
      int neurons = 1 + random.nextInt(NEURONS - 1);
      Importance norms = norms(random);

      PruningPlan chosen = reselect(norms, plan(qk, v, neurons));

      for (int i = 0; i < BLOCKS; i++) {
        BlockPlan block = chosen.blocks().get(i);
        Scores scores = norms.blocks().get(i);
        assertThat(block.neuronsKept()).isEqualTo(nearest(scores.neurons(), neurons));
        for (int head = 0; head < HEADS; head++) {
          assertThat(block.qkKept().get(head)).isEqualTo(nearest(scores.qk()[head], qk));
          assertThat(block.vKept().get(head)).isEqualTo(nearest(scores.v()[head], v));
        }
      }
    }
  }

  @Test
  void projectingTwiceChangesNothing() {
    Random random = new Random(12);
    for (int round = 0; round < 50; round++) {
      Importance norms = norms(random);
      PruningPlan once = reselect(norms, plan(2, 3, 4));
      assertThat(reselect(norms, once)).isEqualTo(once);
      assertThat(reselect(projected(norms, once), once).blocks()).isEqualTo(once.blocks());
    }
  }

  /** What goes has norm zero; what stays has the norm it had, or a little more if that was zero. */
  private static Importance projected(Importance norms, PruningPlan plan) {
    List<Scores> blocks = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      Scores scores = norms.blocks().get(i);
      BlockPlan block = plan.blocks().get(i);
      double[][] qk = new double[HEADS][];
      double[][] v = new double[HEADS][];
      for (int head = 0; head < HEADS; head++) {
        qk[head] = kept(scores.qk()[head], block.qkKept().get(head));
        v[head] = kept(scores.v()[head], block.vKept().get(head));
      }
      blocks.add(new Scores(scores.heads(), qk, v, kept(scores.neurons(), block.neuronsKept())));
    }
    return new Importance(blocks);
  }

  private static double[] kept(double[] norms, List<Integer> stays) {
    double[] projected = new double[norms.length];
    stays.forEach(i -> projected[i] = Math.max(norms[i], 1e-9));
    return projected;
  }

  @Test
  void tiesGoToTheLowestIndex() {
    List<Scores> blocks = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      double[][] equal = new double[HEADS][WIDTH];
      Arrays.stream(equal).forEach(row -> Arrays.fill(row, 2));
      blocks.add(new Scores(new double[HEADS], equal, equal, new double[NEURONS]));
    }

    BlockPlan block = reselect(new Importance(blocks), plan(3, 2, 4)).blocks().get(1);

    assertThat(block.neuronsKept()).containsExactly(0, 1, 2, 3);
    assertThat(block.qkKept()).containsExactly(List.of(0, 1, 2), List.of(0, 1, 2));
    assertThat(block.vKept()).containsExactly(List.of(0, 1), List.of(0, 1));
  }

  @Test
  void headsGoByTheirScoresToo() {
    Importance norms = norms(new Random(13));
    PruningPlan plan =
        VIT.select(
            VIT.random(5), SelectionOptions.of(new Share.Count(1), null, null, new Share.Count(3)));

    PruningPlan chosen = reselect(norms, plan);

    for (int i = 0; i < BLOCKS; i++) {
      assertThat(chosen.blocks().get(i).headsKept())
          .isEqualTo(nearest(norms.blocks().get(i).heads(), 1));
    }
    assertThat(chosen.provenance()).isEqualTo(Map.of());
  }
}
