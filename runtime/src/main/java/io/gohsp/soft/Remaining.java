package io.gohsp.soft;

import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Importance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How small what is marked has become: METHOD.md section 3 asks for less than a hundredth.
 *
 * @param heads the largest norm of a marked head by the median of those that stay, the worst of all
 *     blocks; 0 if none is marked
 * @param columns likewise, query-key and value columns of heads that stay
 * @param neurons likewise
 */
public record Remaining(double heads, double columns, double neurons) {
  static Remaining of(Importance norms, PruningPlan plan) {
    double heads = 0;
    double columns = 0;
    double neurons = 0;
    for (int i = 0; i < plan.blocks().size(); i++) {
      Importance.Scores scores = norms.blocks().get(i);
      BlockPlan block = plan.blocks().get(i);
      heads = Math.max(heads, ratio(scores.heads(), block.headsKept()));
      neurons = Math.max(neurons, ratio(scores.neurons(), block.neuronsKept()));
      columns = Math.max(columns, ratio(scores.qk(), block.headsKept(), block.qkKept()));
      columns = Math.max(columns, ratio(scores.v(), block.headsKept(), block.vKept()));
    }
    return new Remaining(heads, columns, neurons);
  }

  private static double ratio(
      double[][] scores, @Nullable List<Integer> heads, @Nullable List<List<Integer>> kept) {
    double worst = 0;
    for (int i = 0; kept != null && i < kept.size(); i++) {
      int head = heads == null ? i : heads.get(i);
      worst = Math.max(worst, ratio(scores[head], kept.get(i)));
    }
    return worst;
  }

  private static double ratio(double[] norms, @Nullable List<Integer> kept) {
    if (kept == null || kept.isEmpty()) { // nothing stays to compare with
      return 0;
    }
    boolean[] stays = new boolean[norms.length];
    kept.forEach(position -> stays[position] = true);
    List<Double> staying = new ArrayList<>();
    double largest = 0;
    for (int i = 0; i < norms.length; i++) {
      if (stays[i]) {
        staying.add(norms[i]);
      } else {
        largest = Math.max(largest, norms[i]);
      }
    }
    Collections.sort(staying);
    double median = staying.get(staying.size() / 2);
    return median == 0 ? Double.POSITIVE_INFINITY : largest / median;
  }

  /** The worst of all. */
  public double worst() {
    return Arrays.stream(new double[] {heads, columns, neurons}).max().orElseThrow();
  }
}
