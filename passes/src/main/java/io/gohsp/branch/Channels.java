package io.gohsp.branch;

import io.gohsp.axis.AxisLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.DoubleBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A value that is the same for all examples and tokens: one number for each channel, or one for
 * all.
 *
 * @param numbers by channel; a single one if {@code along} is null
 * @param along the axis of channels; null if all elements are equal
 */
@SuppressWarnings("ArrayRecordComponent") // compared by isSame alone
record Channels(double[] numbers, @Nullable AxisLayout along) {
  static final Channels ZERO = all(0);

  static Channels all(double number) {
    return new Channels(new double[] {number}, null);
  }

  boolean isZero() {
    return Arrays.stream(numbers).allMatch(number -> number == 0);
  }

  boolean isSame(Channels other) {
    return Arrays.equals(numbers, other.numbers) && Objects.equals(along, other.along);
  }

  /**
   * The numbers of both, combined channel by channel.
   *
   * @return null if they run along different axes
   */
  @Nullable Channels with(Channels other, DoubleBinaryOperator operator) {
    if (along != null && other.along != null && !along.equals(other.along)) {
      return null;
    }
    double[] combined = new double[Math.max(numbers.length, other.numbers.length)];
    Arrays.setAll(combined, i -> operator.applyAsDouble(number(i), other.number(i)));
    return new Channels(combined, along == null ? other.along : along);
  }

  private double number(int channel) {
    return along == null ? numbers[0] : numbers[channel];
  }
}
