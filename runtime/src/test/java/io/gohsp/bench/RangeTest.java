package io.gohsp.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RangeTest {
  @Test
  void goesByRank() {
    // Ranks 100 / 2 - 9.8 and 100 / 2 + 1 + 9.8 of the numbers from 1 to 100, outwards.
    double[] numbers = IntStream.rangeClosed(1, 100).mapToDouble(i -> i).toArray();

    assertThat(Range.ofMedian(numbers)).isEqualTo(new Range(40, 61));
  }

  @Test
  void ofFewValuesIsAllOfThem() {
    assertThat(Range.ofMedian(new double[] {3, 1, 2})).isEqualTo(new Range(1, 3));
    assertThat(Range.ofMedian(new double[] {7})).isEqualTo(new Range(7, 7));
  }

  @Test
  void holdsTheMedianNineteenTimesOfTwenty() {
    Random random = new Random(5);
    int hits = 0;
    int tries = 2000;
    for (int i = 0; i < tries; i++) {
      // Skewed as times are: the true median of exp(normal) is 1.
      double[] values = new double[31];
      Arrays.setAll(values, k -> Math.exp(random.nextGaussian()));
      Range range = Range.ofMedian(values);
      hits += range.low() <= 1 && 1 <= range.high() ? 1 : 0;
    }

    // Ranks are whole numbers, so that it is somewhat more than 95 %; never less, but for 3 sigma.
    assertThat(hits / (double) tries).isBetween(0.935, 0.99);
  }

  @Test
  void knowsWhatCannotBeToldApart() {
    assertThat(new Range(1, 2).overlaps(new Range(2, 3))).isTrue();
    assertThat(new Range(1, 2).overlaps(new Range(2.1, 3))).isFalse();
  }
}
