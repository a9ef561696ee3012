package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.vit.Coordinates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which positions of one factor may count for something, for each combination of positions of the
 * factors that the choice may depend on. Everything is dead until a contribution is seen that is
 * not certainly zero.
 */
final class Liveness {
  private final Factor factor;
  private final List<Factor> dependsOn;
  private final Resolution resolution;
  private final boolean[][] alive;

  Liveness(Factor factor, List<Factor> dependsOn, Resolution resolution) {
    this.factor = factor;
    this.dependsOn = dependsOn;
    this.resolution = resolution;
    int rows = dependsOn.stream().mapToInt(Factor::count).reduce(1, Math::multiplyExact);
    alive = new boolean[rows][factor.count()];
  }

  /** For each row the positions that are alive. The first of {@code dependsOn} is the major one. */
  boolean[][] alive() {
    return alive;
  }

  void markAll() {
    for (boolean[] row : alive) {
      Arrays.fill(row, true);
    }
  }

  /** Takes note of what a contribution adds up. */
  void mark(Contribution contribution) {
    ZeroMask zero = contribution.zero();
    if (zero == null) {
      markAll();
      return;
    }
    List<int[]> own = coordinates(contribution, factor);
    List<List<int[]>> deciders = new ArrayList<>();
    dependsOn.forEach(decider -> deciders.add(coordinates(contribution, decider)));
    int[] dims = zero.dims();
    int[] index = new int[dims.length];
    for (int i = 0, count = ZeroMask.volume(dims); i < count; i++) {
      if (!zero.at(index)) {
        for (int axis = 0; axis < contribution.reduced(); axis++) {
          int at = own.get(axis)[index[axis]];
          if (at >= 0) {
            markRows(deciders, index, axis, at);
          }
        }
      }
      ZeroMask.advance(index, dims);
    }
  }

  /**
   * For each axis, where each position told apart stands in the factor; -1 where the factor does
   * not occur.
   */
  private List<int[]> coordinates(Contribution contribution, Factor of) {
    return contribution.axes().stream()
        .map((AxisLayout axis) -> Coordinates.of(resolution.coarse(axis), of))
        .toList();
  }

  private void markRows(List<List<int[]>> deciders, int[] index, int axis, int at) {
    for (int row = 0; row < alive.length; row++) {
      int rest = row;
      boolean matches = true;
      for (int d = deciders.size() - 1; d >= 0; d--) {
        int expected = rest % dependsOn.get(d).count();
        rest /= dependsOn.get(d).count();
        int actual = coordinate(deciders.get(d), index, axis);
        matches &= actual < 0 || actual == expected;
      }
      alive[row][at] |= matches;
    }
  }

  /**
   * Where a factor stands: on the axis itself if it has it, else on any other; -1: nowhere, so that
   * every row is meant.
   */
  private static int coordinate(List<int[]> byAxis, int[] index, int first) {
    int own = byAxis.get(first)[index[first]];
    for (int axis = 0; own < 0 && axis < index.length; axis++) {
      own = byAxis.get(axis)[index[axis]];
    }
    return own;
  }
}
