package io.gohsp.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TradeOffTest {
  @Test
  void budgetsAreAsPeopleReadThem() {
    assertThat(TradeOff.budgets(6, true))
        .extracting(Object::toString)
        .containsExactly(
            "83.3% parameters",
            "66.7% parameters", "50% parameters", "33.3% parameters", "16.7% parameters");
    assertThat(TradeOff.budgets(5, true))
        .extracting(Object::toString)
        .first()
        .isEqualTo("80% parameters");
  }

  @Test
  void budgetsDifferHoweverManyThereAre() {
    assertThat(TradeOff.budgets(12345, true))
        .extracting(Object::toString)
        .doesNotHaveDuplicates()
        .last()
        .isEqualTo("0.008% parameters");
  }
}
