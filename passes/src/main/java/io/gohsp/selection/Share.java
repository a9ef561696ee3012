package io.gohsp.selection;

import io.gohsp.plan.InvalidOption;
import java.math.BigDecimal;

/** How many of each layer's (for columns: of each head's) stay: a count or a percentage. */
public sealed interface Share {
  /** How many of {@code size}: at least one unless it is {@link #NONE}, at most all. */
  int of(int size);

  /** Nothing stays, and the branch that it is the inside of goes with it. */
  Share NONE = new None();

  /** See {@link #NONE}. */
  record None() implements Share {
    @Override
    public int of(int size) {
      return 0;
    }

    @Override
    public String toString() {
      return "0";
    }
  }

  /** A number, the same in every layer; a smaller layer keeps all. */
  record Count(int count) implements Share {
    public Count {
      if (count < 1) {
        throw new InvalidOption("a layer cannot keep " + count + "; keep at least 1");
      }
    }

    @Override
    public int of(int size) {
      return Math.min(count, size);
    }

    @Override
    public String toString() {
      return Integer.toString(count);
    }
  }

  /** A part of each layer, rounded to the nearest. */
  record Percent(double percent) implements Share {
    public Percent {
      if (!(percent > 0 && percent <= 100)) {
        throw new InvalidOption(
            "a layer cannot keep " + percent + "%; keep more than 0% and at most 100%");
      }
    }

    @Override
    public int of(int size) {
      return Math.max(1, (int) Math.round(percent / 100 * size));
    }

    @Override
    public String toString() {
      return BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString() + "%";
    }
  }

  /**
   * Reads {@code 8} or {@code 75%}.
   *
   * @param option what the user calls it, for messages
   * @throws InvalidOption if it is neither
   */
  static Share parse(String option, String text) {
    String trimmed = text.strip();
    try {
      if (trimmed.matches("[0-9]{1,9}")) {
        return new Count(Integer.parseInt(trimmed));
      }
      if (trimmed.matches("[0-9]{1,9}(\\.[0-9]{1,9})?%")) {
        return new Percent(Double.parseDouble(trimmed.substring(0, trimmed.length() - 1)));
      }
    } catch (InvalidOption e) {
      throw new InvalidOption(option + " \"" + text + "\": " + e.getMessage());
    }
    throw new InvalidOption(
        option
            + " \""
            + text
            + "\" is not a share; give how many to keep (4) or a percentage (75%)");
  }
}
