package io.gohsp.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Where an axis begins, ends and is labelled.
 *
 * @param low where it begins
 * @param high where it ends, above {@code low}
 * @param at the values that are labelled, rising
 * @param places decimal places of the labels; negative for powers of ten
 */
record Ticks(double low, double high, List<Double> at, int places) {
  /** About so many labels fit. */
  private static final int WANTED = 5;

  /** Values as close as this, for their size, are not worth telling apart. */
  private static final double SAME = 1e-6;

  /** More decades than this are labelled two by two, and so on. */
  private static final int MOST_DECADES = 7;

  /**
   * An axis of equal steps of 1, 2 or 5 times a power of ten.
   *
   * @param least the smallest value on it
   * @param most the largest
   */
  static Ticks linear(double least, double most) {
    double span = most - least;
    double scale = Math.max(Math.abs(least), Math.abs(most));
    if (!(span > SAME * Math.max(scale, SAME))) {
      span = scale > SAME ? scale * 0.1 : 1;
    }
    double step = step(span / WANTED);
    long first = (long) Math.floor(least / step);
    long last = Math.max((long) Math.ceil(most / step), first + 1);
    List<Double> at = new ArrayList<>();
    for (long i = first; i <= last; i++) {
      at.add(i * step);
    }
    return new Ticks(first * step, last * step, at, places(step));
  }

  /** An axis that begins and ends where its values do: of time. */
  static Ticks upTo(double most) {
    Ticks around = linear(0, most);
    return new Ticks(
        0, most, around.at().stream().filter(value -> value <= most).toList(), around.places());
  }

  /** An axis of powers of ten; both values are positive. */
  static Ticks logarithmic(double least, double most) {
    int first = (int) Math.floor(Math.log10(least));
    int last = Math.max((int) Math.ceil(Math.log10(most)), first + 1);
    int step = 1 + (last - first) / MOST_DECADES;
    List<Double> at = new ArrayList<>();
    for (int i = first; i <= last; i += step) {
      at.add(Math.pow(10, i));
    }
    return new Ticks(Math.pow(10, first), Math.pow(10, last), at, -1);
  }

  private static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 5}) {
      if (factor * power >= least * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static int places(double step) {
    return Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
  }

  /** Where a value lies between the ends, 0 to 1. */
  double share(double value) {
    return places < 0
        ? Math.log10(value / low) / Math.log10(high / low)
        : (value - low) / (high - low);
  }

  String label(double value) {
    if (places < 0) {
      int power = (int) Math.round(Math.log10(value));
      return Math.abs(power) <= 2 ? Quantity.fixed(value, Math.max(0, -power)) : "1e" + power;
    }
    boolean thousands = places == 0 && Math.abs(at.get(at.size() - 1)) >= 10_000 && areThousands();
    return thousands && value != 0
        ? Quantity.fixed(value / 1000, 0) + " k"
        : Quantity.fixed(value == 0 ? 0 : value, places);
  }

  private boolean areThousands() {
    return at.stream().allMatch(value -> value % 1000 == 0);
  }
}
