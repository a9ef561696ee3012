package io.gohsp.bench;

import java.util.Arrays;

/**
 * Where the true median lies with a probability of 95 %, by the ranks of what was measured: nothing
 * is assumed of how times are distributed, outliers included. Of fewer than six values, all that
 * can be said is that it lies between the smallest and the largest.
 */
public record Range(double low, double high) {
  /** Half of the 95 % interval of a binomial's rank, by the root of the number of values. */
  private static final double HALF_WIDTH = 1.96 / 2;

  /** The range of the median of what these values are samples of. */
  static Range ofMedian(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double reach = HALF_WIDTH * Math.sqrt(n);
    int below = (int) Math.floor(n / 2.0 - reach); // ranks from 1
    int above = (int) Math.ceil(n / 2.0 + 1 + reach);
    return new Range(sorted[Math.max(1, below) - 1], sorted[Math.min(n, above) - 1]);
  }

  /** Whether the two have a number in common, so that they cannot be told apart. */
  public boolean overlaps(Range other) {
    return low <= other.high && other.low <= high;
  }
}
