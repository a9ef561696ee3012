package io.gohsp.selection;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.vit.Coordinates;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The positions of a block's axis that each cell of some axes of a tensor belongs to: those that
 * agree with the cell in every factor it stands in. A cell that stands in none belongs to no
 * position.
 */
final class Positions {
  private static final int[] NONE = {};

  private final int size;
  private final List<int[]> ofCell =
      new ArrayList<>(); // by factor: the coordinate of each cell, or -1
  private final List<int[]> ofPosition =
      new ArrayList<>(); // by factor: the coordinate of each position
  private final List<Integer> radix = new ArrayList<>(); // by factor: one more than its coordinates
  private final Map<Long, int[]> byCode = new HashMap<>();

  private Positions(int size) {
    this.size = size;
  }

  /**
   * @param axes the layouts of a tensor's axes
   * @param chosen the axes that cells run over, row-major
   * @param telling those of them whose factors count
   */
  static Positions of(
      PrunableAxis axis, List<AxisLayout> axes, List<Integer> chosen, List<Integer> telling) {
    Positions positions = new Positions(axis.size());
    for (Factor factor : axis.layout().factors().distinct().toList()) {
      if (telling.stream().anyMatch(i -> axes.get(i).factors().anyMatch(f -> f == factor))) {
        positions.ofCell.add(cellCoordinates(factor, axes, chosen, telling));
        positions.ofPosition.add(Coordinates.of(axis.layout(), factor));
        positions.radix.add(factor.count() + 1);
      }
    }
    positions.indexWhole();
    return positions;
  }

  private static int[] cellCoordinates(
      Factor factor, List<AxisLayout> axes, List<Integer> chosen, List<Integer> telling) {
    int[] all = {-1};
    for (int i : chosen) {
      int[] inner = Coordinates.of(axes.get(i), factor);
      boolean tells = telling.contains(i);
      int[] outer = all;
      all = new int[outer.length * inner.length];
      for (int cell = 0; cell < all.length; cell++) {
        int coordinate = tells ? inner[cell % inner.length] : -1;
        all[cell] = coordinate >= 0 ? coordinate : outer[cell / inner.length];
      }
    }
    return all;
  }

  /** Cells that stand in every factor are the rule; their positions are found in one pass. */
  private void indexWhole() {
    for (int position = 0; position < size; position++) {
      int[] alone = {position};
      byCode.merge(code(ofPosition, position), alone, Positions::concat);
    }
  }

  private static int[] concat(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private long code(List<int[]> coordinates, int at) {
    long code = 0;
    for (int factor = 0; factor < coordinates.size(); factor++) {
      code = code * radix.get(factor) + coordinates.get(factor)[at] + 1;
    }
    return code;
  }

  /** Rising. */
  int[] at(int cell) {
    long code = code(ofCell, cell);
    return code == 0 ? NONE : byCode.computeIfAbsent(code, c -> search(cell));
  }

  private int[] search(int cell) {
    int[] some = new int[size];
    int count = 0;
    for (int position = 0; position < size; position++) {
      boolean agrees = true;
      for (int factor = 0; factor < ofCell.size(); factor++) {
        int coordinate = ofCell.get(factor)[cell];
        agrees &= coordinate < 0 || coordinate == ofPosition.get(factor)[position];
      }
      if (agrees) {
        some[count++] = position;
      }
    }
    return Arrays.copyOf(some, count);
  }
}
