package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleRandomTest {
  private static final int DRAWS = 20000;

  @Test
  void permutationsHoldEveryNumberOnce() {
    int[] order = new SampleRandom(1, 2, 3).permutation(1000);
    assertThat(order).doesNotHaveDuplicates().hasSize(1000);
    assertThat(Arrays.stream(order).sum()).isEqualTo(999 * 500);
    assertThat(order).isEqualTo(new SampleRandom(1, 2, 3).permutation(1000));
  }

  @Test
  void neighbouringSeedsEpochsAndSamplesStartDifferently() {
    Set<Long> seen = new HashSet<>();
    for (int seed = -5; seed < 5; seed++) {
      for (int epoch = -1; epoch < 10; epoch++) {
        for (int sample = -1; sample < 100; sample++) {
          seen.add(new SampleRandom(seed, epoch, sample).nextLong());
        }
      }
    }
    assertThat(seen).hasSize(10 * 11 * 101);
  }

  /** Mean 1/2 and variance 1/(4(2a+1)); bounds are five standard errors of the mean. */
  @Test
  void betaHasItsMeanAndVariance() {
    for (double alpha : new double[] {0.2, 1, 4}) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < DRAWS; i++) {
        double value = new SampleRandom(1, 0, i).nextBeta(alpha);
        assertThat(value).isBetween(0.0, 1.0);
        sum += value;
        squares += value * value;
      }
      double mean = sum / DRAWS;
      double variance = squares / DRAWS - mean * mean;
      double expected = 1 / (4 * (2 * alpha + 1));
      assertThat(mean)
          .isBetween(0.5 - 5 * Math.sqrt(expected / DRAWS), 0.5 + 5 * Math.sqrt(expected / DRAWS));
      assertThat(variance / expected).isBetween(0.95, 1.05);
    }
  }
}
