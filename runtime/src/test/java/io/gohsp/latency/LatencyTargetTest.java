package io.gohsp.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.plan.InvalidOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatencyTargetTest {
  @ParameterizedTest
  @CsvSource({
    "0.6, 60% of the original's time, 0.6",
    ".25, 25% of the original's time, 0.25",
    "12.5%, 12.5% of the original's time, 0.125",
    "12ms, 12 ms, 12",
    "12 ms, 12 ms, 12",
    "0.8ms, 0.8 ms, 0.8",
    "800us, 0.8 ms, 0.8",
    "1.5s, 1500 ms, 1500",
  })
  void readsPartsAndTimes(String text, String name, double limit) {
    LatencyTarget target = LatencyTarget.parse("--latency", text);

    assertThat(target).hasToString(name);
    assertThat(target.limit()).isEqualTo(limit);
  }

  @ParameterizedTest
  @CsvSource({
    "12, has no unit (12ms?)",
    "1, is not less than the original takes",
    "100%, is not less than the original takes",
    "0, leaves no time at all",
    "0ms, leaves no time at all",
    "fast, is neither a fraction nor a time",
    "-3ms, is neither a fraction nor a time",
    "3h, is neither a fraction nor a time",
  })
  void refusesAnythingElse(String text, String problem) {
    assertThatThrownBy(() -> LatencyTarget.parse("--latency", text))
        .isInstanceOf(InvalidOption.class)
        .hasMessage(
            "--latency \"%s\" %s; give a part of the original's time below 1 (0.6 or 60%%) or a time (12ms)",
            text, problem);
  }

  @Test
  void refusesImpossibleConditions() {
    assertThatThrownBy(
            () ->
                new LatencySettings(
                    -1,
                    io.gohsp.ort.Device.CPU,
                    0,
                    java.util.Map.of(),
                    LatencySettings.Effort.STANDARD))
        .isInstanceOf(InvalidOption.class);
    assertThatThrownBy(() -> new LatencySettings.Effort(1, 5, 4))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
