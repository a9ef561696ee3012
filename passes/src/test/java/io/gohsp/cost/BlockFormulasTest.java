package io.gohsp.cost;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against the numbers that are published for these models (timm's parameter counts; MACs to three
 * digits).
 */
class BlockFormulasTest {
  @ParameterizedTest
  @CsvSource({"192, 5717416, 1.254", "384, 22050664, 4.599", "768, 86567656, 17.56"})
  void givesThePublishedCounts(long dim, long params, double gigaMacs) {
    BlockFormulas formulas = new BlockFormulas(dim, 197);

    assertThat(12 * formulas.blockParams(dim, dim, 4 * dim) + formulas.outerParams(768, 1000))
        .isEqualTo(params);
    long macs = 12 * formulas.blockMacs(dim, dim, 4 * dim) + formulas.outerMacs(768, 1000);
    double unit = gigaMacs > 10 ? 1e7 : 1e6;
    assertThat(Math.round(macs / unit)).isEqualTo(Math.round(gigaMacs * 1e9 / unit));
  }
}
