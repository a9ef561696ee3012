package io.gohsp.plan;

import io.gohsp.axis.AxisLayout;
import java.util.List;

/** Root mean squares of the elements of each group of one kind in one block. */
final class GroupNorms {
  private final BlockGroups groups;
  private final double[] squares;
  private final long[] counts;

  GroupNorms(BlockGroups groups) {
    this.groups = groups;
    this.squares = new double[groups.count()];
    this.counts = new long[groups.count()];
  }

  BlockGroups groups() {
    return groups;
  }

  void add(SquareSums marginal, List<AxisLayout> axes) {
    int[][] groupsOf = groups.groupsOfCells(axes, marginal.axes());
    for (int cell = 0; cell < groupsOf.length; cell++) {
      for (int group : groupsOf[cell]) {
        squares[group] += marginal.sums()[cell];
        counts[group] += marginal.elements();
      }
    }
  }

  void writeTo(double[][] scores) {
    int group = 0;
    for (double[] row : scores) {
      for (int i = 0; i < row.length; i++, group++) {
        row[i] = counts[group] == 0 ? 0 : Math.sqrt(squares[group] / counts[group]);
      }
    }
  }
}
