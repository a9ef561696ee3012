package io.gohsp.report;

import java.util.Locale;

/** Numbers for people. */
public final class Quantity {
  private static final String[] UNITS = {"", " k", " M", " G", " T", " P"};

  private Quantity() {}

  /** {@code 22.1 M}. */
  public static String of(long number) {
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
  public static String bytes(long number) {
    String text = of(number);
    return text.contains(" ") ? text + "B" : text + " B";
  }

  /** A share of 0 to 1 as {@code 70.0 %}. */
  static String percent(double share) {
    return Double.isFinite(share) ? fixed(100 * share, 1) + " %" : "–";
  }

  /** {@code 69.7 %}; a share of nothing is a dash. */
  public static String percent(long part, long whole) {
    return percent(whole == 0 ? Double.NaN : (double) part / whole);
  }

  /** A share of 0 to 1 as {@code 81.25 %}, as accuracies are told. */
  static String accuracy(double share) {
    return Double.isFinite(share) ? fixed(100 * share, 2) + " %" : "–";
  }

  /** Milliseconds with four digits, {@code 28.80}, but never finer than microseconds. */
  static String ms(double ms) {
    return fixed(ms, ms < 10 ? 3 : ms < 100 ? 2 : 1);
  }

  /** A difference of shares of 0 to 1: {@code −0.27 points}. */
  static String points(double difference) {
    if (!Double.isFinite(difference)) {
      return "–";
    }
    String text = String.format(Locale.ROOT, "%+.2f points", 100 * difference);
    return text.replace('-', '−');
  }

  /** With so many decimal places; a dash if it is no number. */
  static String fixed(double value, int places) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + places + "f", value) : "–";
  }

  /** {@code 3.4e-07}. */
  static String scientific(double value) {
    if (value == 0) {
      return "0";
    }
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.1e", value) : "not finite";
  }

  /** The same text, where no line ends between a number and its unit. */
  static String unbroken(String text) {
    return text.replaceAll("(?<=\\d) (?=[\\p{L}%])", "\u00a0");
  }

  /** {@code 4 min 20 s}. */
  public static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    return whole < 3600
        ? "%d min %d s".formatted(whole / 60, whole % 60)
        : "%d h %d min".formatted(whole / 3600, whole % 3600 / 60);
  }
}
