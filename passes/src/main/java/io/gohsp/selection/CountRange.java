package io.gohsp.selection;

/**
 * The numbers of units that may stay: multiples of a step from a floor upwards, and all. The floor
 * is 0 where the branch may go.
 *
 * @param least the smallest
 * @param step between two
 * @param most all units
 */
record CountRange(int least, int step, int most) {

  /**
   * @param positions that stay at least, unless the branch may go
   */
  static CountRange of(Choice choice, SelectionOptions options, int positions) {
    int most = choice.units();
    if (!choice.isFree()) {
      return new CountRange(most, 1, most);
    }
    int per = choice.positionsPerUnit();
    int step = choice.kind() == GroupKind.HEADS ? 1 : options.align() / gcd(options.align(), per);
    if (choice.exit() != null) {
      return new CountRange(0, step, most);
    }
    int floor = choice.unitsFor(Math.max(1, positions));
    int least = (floor + step - 1) / step * step;
    return new CountRange(Math.min(least, most), step, most);
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** The nearest that may stay. */
  int nearest(double wanted) {
    double rounded = Math.round(wanted / step) * (double) step;
    if (rounded >= most || (rounded + step > most && most - wanted < wanted - rounded)) {
      return most;
    }
    return (int) Math.max(least, rounded);
  }

  /** The nearest that may stay and is not less. */
  int atLeast(int wanted) {
    return Math.min(most, Math.max(least, (wanted + step - 1) / step * step));
  }

  /** The next larger; only below {@link #most}. */
  int next(int count) {
    return Math.min(most, count + step);
  }
}
