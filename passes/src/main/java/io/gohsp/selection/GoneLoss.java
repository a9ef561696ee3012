package io.gohsp.selection;

import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Importance.Scores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the groups that a plan removes are worth together. */
public final class GoneLoss {
  private GoneLoss() {}

  /**
   * The sum of their scores; columns of heads that go are counted with these.
   *
   * @param importance of the plan's model
   */
  public static double of(PruningPlan plan, Importance importance) {
    double sum = 0;
    for (int i = 0; i < plan.blocks().size(); i++) {
      BlockPlan block = plan.blocks().get(i);
      Scores scores = importance.blocks().get(i);
      sum += row(block.headsKept(), scores.heads());
      sum += row(block.neuronsKept(), scores.neurons());
      sum += rows(block.headsKept(), block.qkKept(), scores.qk());
      sum += rows(block.headsKept(), block.vKept(), scores.v());
    }
    return sum;
  }

  private static double row(@Nullable List<Integer> stays, double[] scores) {
    double sum = 0;
    for (int i = 0; stays != null && i < scores.length; i++) {
      sum += stays.contains(i) ? 0 : scores[i];
    }
    return sum;
  }

  private static double rows(
      @Nullable List<Integer> heads, @Nullable List<List<Integer>> stays, double[][] scores) {
    double sum = 0;
    for (int head = 0; stays != null && head < scores.length; head++) {
      int at = heads == null ? head : heads.indexOf(head);
      sum += at < 0 ? 0 : row(stays.get(at), scores[head]);
    }
    return sum;
  }
}
