package io.gohsp.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuantityTest {
  @Test
  void numbersKeepTheirUnitsOnTheirLine() {
    assertThat(Quantity.unbroken("1.79 M → 537.4 k")).isEqualTo("1.79\u00a0M → 537.4\u00a0k");
    assertThat(Quantity.unbroken("−0.87 points to dense")).isEqualTo("−0.87\u00a0points to dense");
  }
}
