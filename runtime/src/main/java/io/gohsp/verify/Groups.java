package io.gohsp.verify;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/** What is usual for elements that have an index in common. */
final class Groups {
  private Groups() {}

  /**
   * For each axis the elements that share an index along it are a group. Of its groups' numbers an
   * element gets the least: whichever axis is that of the channels, one of them is the channel's
   * own.
   *
   * @param numbers row-major; NaN for elements that count in no group
   * @param of sorted numbers of a group to one
   */
  static double[] leastAlongAxes(double[] numbers, int[] dims, ToDoubleFunction<double[]> of) {
    double[] least = new double[numbers.length];
    Arrays.fill(least, dims.length == 0 ? 0 : Double.POSITIVE_INFINITY);
    int stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      double[] along = along(numbers, dims[axis], stride, of);
      for (int i = 0; i < numbers.length; i++) {
        least[i] = Math.min(least[i], along[i / stride % dims[axis]]);
      }
      stride *= dims[axis];
    }
    return least;
  }

  private static double[] along(
      double[] numbers, int extent, int stride, ToDoubleFunction<double[]> of) {
    double[] result = new double[extent];
    double[] group = new double[numbers.length / Math.max(1, extent)];
    for (int index = 0; index < extent; index++) {
      int count = 0;
      for (int outer = index * stride; outer < numbers.length; outer += extent * stride) {
        for (int i = outer; i < outer + stride; i++) {
          if (!Double.isNaN(numbers[i])) {
            group[count++] = numbers[i];
          }
        }
      }
      double[] members = Arrays.copyOf(group, count);
      Arrays.sort(members);
      result[index] = count == 0 ? 0 : of.applyAsDouble(members);
    }
    return result;
  }

  static double median(double[] sorted) {
    return sorted[sorted.length / 2];
  }

  static double largest(double[] sorted) {
    return sorted[sorted.length - 1];
  }
}
