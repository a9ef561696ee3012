package io.gohsp.latency;

import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.plan.InvalidOption;
import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long one run of the pruned model may take. */
public sealed interface LatencyTarget {
  /** What was measured of a candidate in the unit of the target: its median, and how sure it is. */
  Range measured(Latency candidate);

  /** The target in that unit. */
  double limit();

  /** The part of the original's time that is asked for. */
  double part(Latency dense);

  /** A part of the time that the original takes in the same rounds. */
  record Fraction(BigDecimal value) implements LatencyTarget {
    @Override
    public Range measured(Latency candidate) {
      return candidate.ratioRange();
    }

    @Override
    public double limit() {
      return value.doubleValue();
    }

    @Override
    public double part(Latency dense) {
      return limit();
    }

    @Override
    public String toString() {
      return value.movePointRight(2).stripTrailingZeros().toPlainString()
          + "% of the original's time";
    }
  }

  /** A time in milliseconds. */
  record Millis(BigDecimal value) implements LatencyTarget {
    @Override
    public Range measured(Latency candidate) {
      return candidate.medianRange();
    }

    @Override
    public double limit() {
      return value.doubleValue();
    }

    @Override
    public double part(Latency dense) {
      return limit() / dense.medianMs();
    }

    @Override
    public String toString() {
      return value.stripTrailingZeros().toPlainString() + " ms";
    }
  }

  /** Decimal places by which a unit differs from milliseconds. */
  Map<String, Integer> UNITS = Map.of("us", -3, "ms", 0, "s", 3);

  /** A number and what it is of. */
  Pattern TEXT = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?|\\.[0-9]{1,9})\\s*(%|us|ms|s)?");

  /**
   * Reads {@code 0.6}, {@code 60%}, {@code 12ms}, {@code 800us} or {@code 1.5s}.
   *
   * @param option what the user calls it, for messages
   * @throws InvalidOption if it is neither a fraction below 1 nor a time
   */
  static LatencyTarget parse(String option, String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw invalid(option, text, "is neither a fraction nor a time");
    }
    BigDecimal number = new BigDecimal(matcher.group(1));
    String unit = matcher.group(2);
    if (number.signum() == 0) {
      throw invalid(option, text, "leaves no time at all");
    }
    if (unit != null && UNITS.containsKey(unit)) {
      return new Millis(number.movePointRight(UNITS.get(unit)));
    }
    BigDecimal part = unit == null ? number : number.movePointLeft(2);
    if (part.compareTo(BigDecimal.ONE) < 0) {
      return new Fraction(part);
    }
    throw invalid(
        option,
        text,
        unit == null && part.compareTo(BigDecimal.ONE) > 0
            ? "has no unit (" + text.strip() + "ms?)"
            : "is not less than the original takes");
  }

  private static InvalidOption invalid(String option, String text, String problem) {
    return new InvalidOption(
        "%s \"%s\" %s; give a part of the original's time below 1 (0.6 or 60%%) or a time (12ms)"
            .formatted(option, text, problem));
  }
}
