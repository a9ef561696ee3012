package io.gohsp.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DimExpressionTest {
  private static final Map<String, Long> SIZES = Map.of("batch", 2L, "past", 5L, "s0", 7L);

  @Test
  void sumsOfProductsAreComputed() {
    assertThat(new DimExpression("batch").size(SIZES)).hasValue(2);
    assertThat(new DimExpression("past + 1").size(SIZES)).hasValue(6);
    assertThat(new DimExpression("2*s0 + batch*past").size(SIZES)).hasValue(24);
    assertThat(new DimExpression("16").size(SIZES)).hasValue(16);
  }

  @Test
  void namesTheSymbolsThatDecide() {
    assertThat(new DimExpression("2*s0 + batch").symbols()).containsExactly("s0", "batch");
    assertThat(new DimExpression("Min(s0, 3)").symbols()).containsExactly("Min(s0, 3)");
    assertThat(new DimExpression("input[0]").symbols()).containsExactly("input[0]");
  }

  @Test
  void unknownSymbolsHaveNoSize() {
    assertThat(new DimExpression("future + 1").size(SIZES)).isEqualTo(OptionalLong.empty());
    assertThat(new DimExpression("Min(s0, 3)").size(Map.of("Min(s0, 3)", 3L))).hasValue(3);
  }
}
