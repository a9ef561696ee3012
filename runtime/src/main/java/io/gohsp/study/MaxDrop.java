package io.gohsp.study;

import io.gohsp.plan.InvalidOption;
import io.gohsp.selection.Amount;
import io.gohsp.selection.Budget;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How much accuracy a result may lose; it becomes as small as that allows.
 *
 * @param points percentage points of top-1 accuracy on the validation part or, without labels, of
 *     top-1 agreement with the original; not negative
 * @param smallest what is to become small
 */
public record MaxDrop(BigDecimal points, Smallest smallest) {
  /** What a plan's provenance calls the points. */
  static final String ALLOWED = "max-drop";

  /** What is to become small. */
  public enum Smallest {
    /** Elements of weights. */
    PARAMS,
    /** The same without embedding tables. */
    NON_EMBEDDING,
    /** Multiply-accumulates. */
    MACS;

    private Budget keeping(BigDecimal share) {
      Amount amount = new Amount.Fraction(share);
      return switch (this) {
        case PARAMS -> new Budget.Params(amount);
        case NON_EMBEDDING -> new Budget.Params(amount, false);
        case MACS -> new Budget.Macs(amount);
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Reads {@code params}, {@code non-embedding} or {@code macs}.
     *
     * @param option what the user calls it, for messages
     * @throws InvalidOption if it is none of them
     */
    public static Smallest parse(String option, String text) {
      return Arrays.stream(values())
          .filter(value -> value.toString().equals(text.strip().toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(
              () ->
                  new InvalidOption(
                      "%s \"%s\" is none of %s"
                          .formatted(
                              option,
                              text,
                              Arrays.stream(values())
                                  .map(Smallest::toString)
                                  .collect(Collectors.joining(", ")))));
    }
  }

  /**
   * Reads {@code 1.0}: percentage points.
   *
   * @param option what the user calls it, for messages
   * @throws InvalidOption if it is not a number of at least 0 and below 100
   */
  public static MaxDrop parse(String option, String text, Smallest smallest) {
    String trimmed = text.strip();
    if (!trimmed.matches("[0-9]{1,2}(\\.[0-9]{1,9})?|\\.[0-9]{1,9}")) {
      throw new InvalidOption(
          "%s \"%s\" is no number of percentage points; give one below 100, such as 1.0"
              .formatted(option, text));
    }
    return new MaxDrop(new BigDecimal(trimmed), smallest);
  }

  /** {@code 1 point}, {@code 0.5 points}. */
  static String points(BigDecimal number) {
    String text = number.stripTrailingZeros().toPlainString();
    return text + (text.equals("1") ? " point" : " points");
  }

  /** The budget that keeps a share, above 0 and at most 1. */
  Budget keeping(BigDecimal share) {
    return smallest.keeping(share);
  }

  /**
   * Percentage points that are lost between two accuracies in [0, 1]; negative where some are won.
   */
  static double lost(double before, double after) {
    return 100 * (before - after);
  }

  /** Whether so little is lost. */
  boolean allows(double before, double after) {
    return lost(before, after) <= points.doubleValue() + ROUNDING;
  }

  /** Of two quotients of small whole numbers, times a hundred. */
  private static final double ROUNDING = 1e-9;

  @Override
  public String toString() {
    return points(points) + ", least " + smallest;
  }
}
