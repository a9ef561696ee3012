package io.gohsp.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ResidentMemoryTest {
  @Test
  @EnabledOnOs(OS.LINUX)
  void peakIsAtLeastWhatIsTakenNow() {
    long current = ResidentMemory.current().orElseThrow();
    assertThat(current).isGreaterThan(16L << 20); // no JVM with JUnit fits in less
    assertThat(ResidentMemory.peak().orElseThrow()).isGreaterThanOrEqualTo(current);
  }
}
