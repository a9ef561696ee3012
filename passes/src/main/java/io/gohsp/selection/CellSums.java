package io.gohsp.selection;

import io.gohsp.axis.AxisLayout;
import java.util.List;

/**
 * Sums of a tensor's elements, or of their squares, at each position of some of its axes, over all
 * positions of the others.
 *
 * @param axes the axes kept, rising
 * @param sums row-major over them
 * @param elements how many elements are in each sum
 */
@SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
record CellSums(List<Integer> axes, double[] sums, long elements) {

  static CellSums over(
      float[] numbers, List<AxisLayout> layouts, List<Integer> axes, boolean squares) {
    int rank = layouts.size();
    int[] extents = new int[rank];
    int[] strides = new int[rank];
    int cells = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      extents[axis] = Math.toIntExact(layouts.get(axis).size().value());
      if (axes.contains(axis)) {
        strides[axis] = cells;
        cells *= extents[axis];
      }
    }
    double[] sums = new double[cells];
    int last = rank == 0 ? 1 : extents[rank - 1];
    boolean lastIsKept = rank > 0 && axes.contains(rank - 1);
    int[] position = new int[rank];
    int cell = 0;
    for (int start = 0; start < numbers.length; start += last) {
      if (lastIsKept) {
        addEach(numbers, start, last, sums, cell, squares);
      } else {
        sums[cell] += squares ? sumOfSquares(numbers, start, last) : sum(numbers, start, last);
      }
      for (int axis = rank - 2; axis >= 0; axis--) {
        cell += strides[axis];
        if (++position[axis] < extents[axis]) {
          break;
        }
        cell -= strides[axis] * extents[axis];
        position[axis] = 0;
      }
    }
    return new CellSums(List.copyOf(axes), sums, numbers.length / Math.max(cells, 1));
  }

  private static void addEach(
      float[] numbers, int start, int count, double[] sums, int cell, boolean squares) {
    for (int i = 0; i < count; i++) {
      double x = numbers[start + i];
      sums[cell + i] += squares ? x * x : x;
    }
  }

  /** In four chains, which the processor adds side by side; always in the same order. */
  private static double sumOfSquares(float[] numbers, int start, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = start;
    for (int end = start + count - 3; i < end; i += 4) {
      a += (double) numbers[i] * numbers[i];
      b += (double) numbers[i + 1] * numbers[i + 1];
      c += (double) numbers[i + 2] * numbers[i + 2];
      d += (double) numbers[i + 3] * numbers[i + 3];
    }
    for (int end = start + count; i < end; i++) {
      a += (double) numbers[i] * numbers[i];
    }
    return a + b + (c + d);
  }

  private static double sum(float[] numbers, int start, int count) {
    double sum = 0;
    for (int i = start; i < start + count; i++) {
      sum += numbers[i];
    }
    return sum;
  }
}
