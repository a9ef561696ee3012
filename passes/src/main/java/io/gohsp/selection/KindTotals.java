package io.gohsp.selection;

import io.gohsp.axis.AxisLayout;
import java.util.List;

/** Sums over the elements of each group of one kind in one block. */
final class KindTotals {
  private final BlockGroups groups;
  private final double[] sums;
  private final long[] counts;

  KindTotals(BlockGroups groups) {
    this.groups = groups;
    this.sums = new double[groups.count()];
    this.counts = new long[groups.count()];
  }

  BlockGroups groups() {
    return groups;
  }

  void add(CellSums marginal, List<AxisLayout> axes) {
    int[][] groupsOf = groups.groupsOfCells(axes, marginal.axes());
    for (int cell = 0; cell < groupsOf.length; cell++) {
      for (int group : groupsOf[cell]) {
        sums[group] += marginal.sums()[cell];
        counts[group] += marginal.elements();
      }
    }
  }

  void writeTo(double[][] scores, GroupTotals.Score score) {
    int group = 0;
    for (double[] row : scores) {
      for (int i = 0; i < row.length; i++, group++) {
        row[i] = counts[group] == 0 ? 0 : score.of(sums[group], counts[group]);
      }
    }
  }
}
