package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScheduleTest {
  /** Literals have ten digits. */
  private static final double DIGITS = 1e-9;

  /**
   * Written down from PyTorch 2.13's OneCycleLR with max_lr 1 and nothing else given, by
   * testdata/schedule/one_cycle.py.
   */
  private static final double[] TEN_STEPS = {
    0.04,
    0.52,
    1,
    0.950484632,
    0.8117456539,
    0.6112620219,
    0.3887419781,
    0.1882583461,
    0.04951936799,
    4e-06
  };

  private static final double[] SEVEN_STEPS = {
    0.04, 0.9805566273, 0.9190443763, 0.6726838365, 0.3577387757, 0.09929679189, 4e-06
  };

  private static final long[] OF_HUNDRED = {0, 1, 15, 28, 29, 30, 31, 64, 98, 99};

  private static final double[] HUNDRED_STEPS = {
    0.04,
    0.04281378057,
    0.5459866761,
    0.9971862194,
    1,
    0.9994965353,
    0.997987155,
    0.500002,
    0.0005074647155,
    4e-06
  };

  private static final double[] TEN_MOMENTA = {
    0.95,
    0.9,
    0.85,
    0.8549515566,
    0.8688255099,
    0.8888739533,
    0.9111260467,
    0.9311744901,
    0.9450484434,
    0.95
  };

  private static final double[] SEVEN_MOMENTA = {
    0.95, 0.8520253513, 0.8580955948, 0.8827317473, 0.9142263793, 0.9400706811, 0.95
  };

  private static final double[] HUNDRED_MOMENTA = {
    0.95,
    0.9497068979,
    0.8972930546,
    0.8502931021,
    0.85,
    0.8500503467,
    0.8502012853,
    0.9,
    0.9499496533,
    0.95
  };

  private static double[] factors(Schedule schedule, long steps, long warmup) {
    return LongStream.range(0, steps).mapToDouble(s -> schedule.factor(s, steps, warmup)).toArray();
  }

  /** The optimiser's own momentum is far from any of the schedule's. */
  private static double[] momenta(Schedule schedule, long steps) {
    return LongStream.range(0, steps).mapToDouble(s -> schedule.momentum(s, steps, 0.5)).toArray();
  }

  @Test
  void oneCycleIsPyTorchs() {
    assertThat(factors(Schedule.ONE_CYCLE, 10, 0)).containsExactly(TEN_STEPS, within(DIGITS));
    assertThat(factors(Schedule.ONE_CYCLE, 7, 0)).containsExactly(SEVEN_STEPS, within(DIGITS));
    assertThat(LongStream.of(OF_HUNDRED).mapToDouble(s -> Schedule.ONE_CYCLE.factor(s, 100, 0)))
        .satisfies(
            factors -> {
              for (int i = 0; i < OF_HUNDRED.length; i++) {
                assertThat(factors.get(i)).isCloseTo(HUNDRED_STEPS[i], within(DIGITS));
              }
            });
  }

  @Test
  void momentumOfOneCycleIsPyTorchs() {
    assertThat(momenta(Schedule.ONE_CYCLE, 10)).containsExactly(TEN_MOMENTA, within(DIGITS));
    assertThat(momenta(Schedule.ONE_CYCLE, 7)).containsExactly(SEVEN_MOMENTA, within(DIGITS));
    double[] all = momenta(Schedule.ONE_CYCLE, 100);
    assertThat(LongStream.of(OF_HUNDRED).mapToDouble(s -> all[(int) s]).toArray())
        .containsExactly(HUNDRED_MOMENTA, within(DIGITS));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ONE_CYCLE")
  void otherSchedulesLeaveTheMomentumAlone(Schedule schedule) {
    assertThat(momenta(schedule, 10)).hasSize(10).containsOnly(0.5);
  }

  @Test
  void oneCycleHasItsOwnWarmUp() {
    assertThat(factors(Schedule.ONE_CYCLE, 10, 5)).isEqualTo(factors(Schedule.ONE_CYCLE, 10, 0));
  }

  @Test
  void oneCycleOfVeryFewStepsIsStillFinite() {
    for (long steps = 1; steps < 7; steps++) {
      assertThat(DoubleStream.of(factors(Schedule.ONE_CYCLE, steps, 0)))
          .allMatch(factor -> factor > 0 && factor <= 1);
      assertThat(DoubleStream.of(momenta(Schedule.ONE_CYCLE, steps)))
          .allMatch(momentum -> momentum >= 0.85 && momentum <= 0.95);
    }
  }

  @Test
  void warmUpRisesInEqualStepsToThePeak() {
    assertThat(factors(Schedule.CONSTANT, 6, 3)).containsExactly(0.25, 0.5, 0.75, 1, 1, 1);
  }

  @Test
  void cosineFallsFromThePeakTowardsZero() {
    assertThat(factors(Schedule.COSINE, 6, 2))
        .containsExactly(
            new double[] {
              1 / 3.0, 2 / 3.0, 1, (1 + Math.sqrt(0.5)) / 2, 0.5, (1 - Math.sqrt(0.5)) / 2
            },
            within(DIGITS));
  }

  @Test
  void stepsFallToATenthEach() {
    assertThat(factors(Schedule.STEP, 8, 0)).containsExactly(1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01);
  }

  @Test
  void warmUpLongerThanTheRunNeverReachesThePeak() {
    assertThat(factors(Schedule.COSINE, 2, 20)).containsExactly(1 / 21.0, 2 / 21.0);
  }
}
