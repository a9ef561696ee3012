package io.gohsp.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Which elements of a tensor stay: for every axis, the indices kept, in order. The choice on one
 * axis may depend on the position along others (each head keeps its own columns), as long as every
 * position keeps the same number.
 */
public final class Selection {
  /**
   * The choice along one axis; {@code kept[p]} belongs to position {@code p} of the axes it depends
   * on.
   */
  @SuppressWarnings("ArrayRecordComponent") // rows can be long; Selection compares them by content
  public record Axis(int size, List<Integer> dependsOn, int[][] kept) {
    public Axis {
      dependsOn = List.copyOf(dependsOn);
      for (int[] row : kept) {
        if (row.length != kept[0].length) {
          throw new IllegalArgumentException(
              "rows keep different numbers: " + Arrays.deepToString(kept));
        }
      }
    }

    /** All of an axis. */
    public static Axis all(int size) {
      int[] every = new int[size];
      Arrays.setAll(every, i -> i);
      return new Axis(size, List.of(), new int[][] {every});
    }

    /** The same choice wherever the other axes stand. */
    public static Axis of(int size, int[] kept) {
      return new Axis(size, List.of(), new int[][] {kept.clone()});
    }

    /** How many indices stay. */
    public int count() {
      return kept[0].length;
    }

    boolean isAll() {
      return dependsOn.isEmpty() && kept[0].length == size;
    }
  }

  private final List<Axis> axes;

  /**
   * @param axes one per axis; {@link Axis#dependsOn} names axes by position, and {@link Axis#kept}
   *     has one row for each combination of their ORIGINAL indices, the first named being the major
   *     one
   */
  public Selection(List<Axis> axes) {
    this.axes = List.copyOf(axes);
  }

  public List<Axis> axes() {
    return axes;
  }

  /** Whether everything stays. */
  public boolean isAll() {
    return axes.stream().allMatch(Axis::isAll);
  }

  /** Extents after selecting. */
  public long[] dims() {
    return axes.stream().mapToLong(Axis::count).toArray();
  }

  /**
   * The original index, along {@code axis}, of position {@code at} given the original indices of
   * the other axes.
   */
  int original(int axis, int at, int[] originals) {
    return row(axis, originals)[at];
  }

  /** The indices kept along {@code axis} given the original indices of the other axes. */
  int[] row(int axis, int[] originals) {
    Axis choice = axes.get(axis);
    int row = 0;
    for (int other : choice.dependsOn()) {
      row = row * axes.get(other).size() + originals[other];
    }
    return choice.kept()[row];
  }

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    if (!(other instanceof Selection that) || axes.size() != that.axes.size()) {
      return false;
    }
    for (int i = 0; i < axes.size(); i++) {
      Axis a = axes.get(i);
      Axis b = that.axes.get(i);
      if (a.size() != b.size()
          || !a.dependsOn().equals(b.dependsOn())
          || !Arrays.deepEquals(a.kept(), b.kept())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (Axis axis : axes) {
      hash =
          31 * hash + Objects.hash(axis.size(), axis.dependsOn(), Arrays.deepHashCode(axis.kept()));
    }
    return hash;
  }
}
