package io.gohsp.soft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** METHOD.md section 8, invariant 7: the sparsity of SGMP. */
class RoundsTest {
  @ParameterizedTest
  @CsvSource({"60,10,64,13", "7,10,3,1", "1,10,9,2", "1000,10,5,5", "13,3,100,99"})
  void risesFromNothingToTheTarget(long steps, int count, int all, int last) {
    Rounds rounds = new Rounds(steps, count);
    assertThat(rounds.kept(all, last, 0)).isEqualTo(all);
    assertThat(rounds.kept(all, last, steps)).isEqualTo(last);
    int before = all;
    for (long updates = 1; updates <= steps; updates++) {
      int now = rounds.kept(all, last, updates);
      assertThat(now).isBetween(last, before);
      if (!rounds.isDue(updates)) {
        assertThat(now).as("between rounds").isEqualTo(before);
      }
      before = now;
    }
  }

  @ParameterizedTest
  @CsvSource({"60,10", "61,10", "7,10", "400,20"})
  void roundsAreEvenAndTheLastUpdateEndsOne(long steps, int count) {
    Rounds rounds = new Rounds(steps, count);
    long[] due = LongStream.rangeClosed(0, steps).filter(rounds::isDue).toArray();
    assertThat(due).hasSize((int) Math.min(steps, count)).endsWith(steps);
    long[] lengths =
        IntStream.range(0, due.length).mapToLong(i -> due[i] - (i == 0 ? 0 : due[i - 1])).toArray();
    assertThat(LongStream.of(lengths).max().orElseThrow())
        .isLessThanOrEqualTo(LongStream.of(lengths).min().orElseThrow() + 1);
  }

  /** 1 - (1 - t)³ of 1000 are gone after each tenth. */
  @Test
  void cubic() {
    Rounds rounds = new Rounds(100, 10);
    assertThat(LongStream.rangeClosed(0, 10).mapToInt(i -> rounds.kept(1000, 0, 10 * i)))
        .containsExactly(1000, 729, 512, 343, 216, 125, 64, 27, 8, 1, 0);
  }
}
