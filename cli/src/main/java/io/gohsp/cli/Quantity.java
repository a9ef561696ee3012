package io.gohsp.cli;

import java.util.Locale;

/** Numbers for people. */
final class Quantity {
  private static final String[] UNITS = {"", " k", " M", " G", " T", " P"};

  private Quantity() {}

  /** {@code 22.05 M}. */
  static String of(long number) {
    double value = number;
    int unit = 0;
    while (Math.abs(value) >= 1000 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    return unit == 0
        ? Long.toString(number)
        : String.format(Locale.ROOT, value < 10 ? "%.2f%s" : "%.1f%s", value, UNITS[unit]);
  }

  /** {@code 88.2 MB}. */
  static String bytes(long number) {
    String text = of(number);
    return text.contains(" ") ? text + "B" : text + " B";
  }

  /** {@code 70.0 %}. */
  static String percent(long part, long whole) {
    return whole == 0 ? "" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }

  /** {@code 4 min 20 s}. */
  static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600
        ? "%d min %d s".formatted(whole / 60, whole % 60)
        : "%d h %d min".formatted(whole / 3600, whole % 3600 / 60);
  }
}
