package io.gohsp.zero;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ZeroMaskTest {
  /** Zero at [0,1], [1,1] and [1,2]. */
  private static final ZeroMask MASK =
      new ZeroMask(new int[] {2, 3}, new boolean[] {false, true, false, false, true, true});

  @Test
  void keepsTruthsWhereTheyBelong() {
    assertThat(MASK.permuted(List.of(1, 0))).hasToString("[3, 2] **00*0");
    assertThat(MASK.everywhereAlong(0)).hasToString("[1, 3] *0*");
    assertThat(MASK.everywhereAlong(1)).hasToString("[2, 1] **");
    assertThat(MASK.select(1, new int[] {2, 1, 1})).hasToString("[2, 3] *00000");
    assertThat(MASK.reshaped(3, 2)).hasToString("[3, 2] *0**00");
  }

  @Test
  void broadcastsAxesOfExtentOne() {
    ZeroMask column = new ZeroMask(new int[] {2, 1}, new boolean[] {false, true});

    assertThat(column.spread(new int[] {2, 3})).hasToString("[2, 3] ***000");
    assertThat(MASK.and(column.spread(new int[] {2, 3}))).hasToString("[2, 3] ****00");
    assertThat(MASK.or(column.spread(new int[] {2, 3}))).hasToString("[2, 3] *0*000");
  }

  @Test
  void extentsThatDoNotFitSayNothing() {
    assertThat(MASK.spread(new int[] {2, 2}).isNowhere()).isTrue();
    assertThat(MASK.reshaped(5).isNowhere()).isTrue();
  }
}
