package io.gohsp.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class TicksTest {
  private static List<String> labels(Ticks ticks) {
    return ticks.at().stream().map(ticks::label).toList();
  }

  @Test
  void stepsAreRound() {
    assertThat(labels(Ticks.linear(0.13, 0.47))).containsExactly("0.1", "0.2", "0.3", "0.4", "0.5");
    assertThat(labels(Ticks.linear(-3, 12))).containsExactly("-5", "0", "5", "10", "15");
    assertThat(labels(Ticks.upTo(2160))).containsExactly("0", "500", "1000", "1500", "2000");
    assertThat(labels(Ticks.upTo(100_000)))
        .containsExactly("0", "20 k", "40 k", "60 k", "80 k", "100 k");
  }

  @Test
  void decadesAreLabelledAsTheyFit() {
    assertThat(labels(Ticks.logarithmic(0.004, 0.7))).containsExactly("1e-3", "0.01", "0.1", "1");
    assertThat(labels(Ticks.logarithmic(1e-12, 1))).hasSizeLessThanOrEqualTo(8).contains("1");
  }

  @Property
  void everyValueLiesOnTheAxis(
      @ForAll @DoubleRange(min = -1e6, max = 1e6) double a,
      @ForAll @DoubleRange(min = 0, max = 1e6) double span,
      @ForAll @DoubleRange(min = 0, max = 1) double part) {
    Ticks ticks = Ticks.linear(a, a + span);

    // A hair more than nothing: multiples of steps are rounded.
    assertThat(ticks.share(a + part * span)).isBetween(-1e-6, 1 + 1e-6);
    assertThat(ticks.at()).hasSizeBetween(2, 12);
    assertThat(labels(ticks)).doesNotHaveDuplicates();
  }
}
