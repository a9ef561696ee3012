package io.gohsp.plan;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sums for each position of an axis, in one row for each head. An element belongs to a position if
 * it stands there in every factor of the axis that its tensor has, and to a row if it stands at
 * that head likewise: what all heads share counts for each.
 */
final class GroupNorms {
  private final PrunableAxis axis;
  private final @Nullable PrunableAxis heads;
  private final double[][] squares;
  private final long[][] counts;

  GroupNorms(PrunableAxis axis, @Nullable PrunableAxis heads, int rows) {
    this.axis = axis;
    this.heads = heads;
    this.squares = new double[rows][axis.size()];
    this.counts = new long[rows][axis.size()];
  }

  Stream<Factor> factors() {
    return axis.layout().factors();
  }

  /**
   * The tensor's axes that tell positions or heads apart; none if it has nothing to do with this
   * axis.
   */
  List<Integer> involved(List<AxisLayout> axes) {
    List<Integer> involved = new ArrayList<>();
    Set<Factor> own = new LinkedHashSet<>(axis.layout().factors().toList());
    if (axes.stream().flatMap(AxisLayout::factors).noneMatch(own::contains)) {
      return involved;
    }
    Set<Factor> all = new LinkedHashSet<>(own);
    if (heads != null) {
      all.addAll(heads.layout().factors().toList());
    }
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i).factors().anyMatch(all::contains)) {
        involved.add(i);
      }
    }
    return involved;
  }

  void add(SquareSums marginal, List<AxisLayout> axes) {
    Positions positions = Positions.of(axis, axes, marginal.axes());
    Positions rows =
        heads == null ? Positions.EVERYWHERE : Positions.of(heads, axes, marginal.axes());
    for (int cell = 0; cell < marginal.sums().length; cell++) {
      int[] here = positions.at(cell);
      int[] belongsTo = rows.at(cell);
      if (here.length == 0) {
        continue;
      }
      for (int row = 0; row < squares.length; row++) {
        if (rows != Positions.EVERYWHERE && !contains(belongsTo, row)) {
          continue;
        }
        for (int position : here) {
          squares[row][position] += marginal.sums()[cell];
          counts[row][position] += marginal.elements();
        }
      }
    }
  }

  private static boolean contains(int[] sorted, int wanted) {
    return Arrays.binarySearch(sorted, wanted) >= 0;
  }

  void writeTo(double[][] scores) {
    for (int row = 0; row < scores.length; row++) {
      for (int i = 0; i < scores[row].length; i++) {
        scores[row][i] = counts[row][i] == 0 ? 0 : Math.sqrt(squares[row][i] / counts[row][i]);
      }
    }
  }
}
