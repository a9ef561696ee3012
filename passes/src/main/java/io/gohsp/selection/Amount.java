package io.gohsp.selection;

import io.gohsp.plan.InvalidOption;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;

/** How much of something may stay: a part of what there is, or a number. */
public sealed interface Amount {
  /**
   * Numbers below this are taken for a slip: a forgotten unit, or a percentage without its sign.
   */
  long LEAST_PLAIN = 1000;

  Map<String, BigDecimal> UNITS =
      Map.of(
          "", BigDecimal.ONE,
          "K", BigDecimal.TEN.pow(3),
          "M", BigDecimal.TEN.pow(6),
          "G", BigDecimal.TEN.pow(9),
          "T", BigDecimal.TEN.pow(12));

  /** The number, where there are {@code whole}; rounded down. */
  long of(long whole);

  /** A part of the whole, above 0 and at most 1. */
  record Fraction(BigDecimal part) implements Amount {
    @Override
    public long of(long whole) {
      return part.multiply(BigDecimal.valueOf(whole))
          .setScale(0, RoundingMode.FLOOR)
          .longValueExact();
    }

    @Override
    public String toString() {
      return part.movePointRight(2).stripTrailingZeros().toPlainString() + "%";
    }
  }

  /** A number, whatever the whole is. */
  record Absolute(long number) implements Amount {
    @Override
    public long of(long whole) {
      return number;
    }

    @Override
    public String toString() {
      return Long.toString(number);
    }
  }

  /**
   * Reads {@code 0.6}, {@code 60%}, {@code 14.4M}, {@code 800k}, {@code 3.0G} or {@code 14400000}.
   *
   * @param option what the user calls it, for messages
   */
  static Amount parse(String option, String text) {
    String trimmed = text.strip();
    boolean percent = trimmed.endsWith("%");
    String number = percent ? trimmed.substring(0, trimmed.length() - 1) : trimmed;
    String unit = "";
    if (!percent && !number.isEmpty() && Character.isLetter(number.charAt(number.length() - 1))) {
      unit = number.substring(number.length() - 1).toUpperCase(Locale.ROOT);
      number = number.substring(0, number.length() - 1);
    }
    if (!number.matches("[0-9]{1,18}(\\.[0-9]{1,18})?|\\.[0-9]{1,18}")
        || !UNITS.containsKey(unit)) {
      throw invalid(option, text, "is not an amount");
    }
    BigDecimal value = new BigDecimal(number);
    if (value.signum() == 0) {
      throw invalid(option, text, "would keep nothing");
    }
    if (percent || (unit.isEmpty() && value.compareTo(BigDecimal.ONE) <= 0)) {
      BigDecimal part = percent ? value.movePointLeft(2) : value;
      if (part.compareTo(BigDecimal.ONE) > 0) {
        throw invalid(option, text, "is more than there is");
      }
      return new Fraction(part);
    }
    BigDecimal whole = value.multiply(UNITS.get(unit)).setScale(0, RoundingMode.FLOOR);
    if (unit.isEmpty() && whole.compareTo(BigDecimal.valueOf(LEAST_PLAIN)) < 0) {
      throw invalid(
          option,
          text,
          "is neither a fraction nor a plausible number (" + text + "%? " + text + "M?)");
    }
    if (whole.signum() == 0 || whole.toBigInteger().bitLength() > 63) {
      throw invalid(option, text, "is out of range");
    }
    return new Absolute(whole.longValueExact());
  }

  private static InvalidOption invalid(String option, String text, String problem) {
    return new InvalidOption(
        "%s \"%s\" %s; give a fraction to keep (0.6 or 60%%) or a number (14.4M, 3.0G, 800k)"
            .formatted(option, text, problem));
  }
}
