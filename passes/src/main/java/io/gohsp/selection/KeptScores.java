package io.gohsp.selection;

import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.selection.Importance.Scores;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scores that depend on whether a plan keeps a group; columns of heads that go, go with them. */
public final class KeptScores {
  private KeptScores() {}

  /**
   * Scores of one origin for what a plan keeps, of another for all else.
   *
   * @param kept of the plan's model
   * @param others likewise
   */
  public static Importance of(PruningPlan plan, Importance kept, Importance others) {
    List<Scores> blocks = new ArrayList<>();
    for (int i = 0; i < plan.blocks().size(); i++) {
      BlockPlan block = plan.blocks().get(i);
      Scores own = kept.blocks().get(i);
      Scores other = others.blocks().get(i);
      blocks.add(
          new Scores(
              row(block.headsKept(), own.heads(), other.heads()),
              rows(block.headsKept(), block.qkKept(), own.qk(), other.qk()),
              rows(block.headsKept(), block.vKept(), own.v(), other.v()),
              row(block.neuronsKept(), own.neurons(), other.neurons())));
    }
    return new Importance(blocks);
  }

  private static double[] row(@Nullable List<Integer> stays, double[] kept, double[] others) {
    if (stays == null) {
      return kept.clone();
    }
    double[] row = others.clone();
    stays.forEach(position -> row[position] = kept[position]);
    return row;
  }

  private static double[][] rows(
      @Nullable List<Integer> heads,
      @Nullable List<List<Integer>> stays,
      double[][] kept,
      double[][] others) {
    double[][] rows = new double[kept.length][];
    for (int head = 0; head < rows.length; head++) {
      int at = heads == null ? head : heads.indexOf(head);
      rows[head] =
          at < 0
              ? others[head].clone()
              : row(stays == null ? null : stays.get(at), kept[head], others[head]);
    }
    return rows;
  }
}
