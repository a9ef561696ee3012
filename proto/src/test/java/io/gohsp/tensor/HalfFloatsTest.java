package io.gohsp.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class HalfFloatsTest {
  /** The half next to any double is no nearer than the one it becomes. */
  @Property
  void doublesAreRoundedOnce(@ForAll @DoubleRange(min = -70000, max = 70000) double value) {
    short bits = HalfFloats.toHalf(HalfFloats.roundedToOdd(value));
    double error = Math.abs(HalfFloats.fromHalf(bits) - value);
    if (Double.isFinite(error)) {
      for (int next : new int[] {bits - 1, bits + 1}) {
        double other = HalfFloats.fromHalf((short) next);
        assertThat(!Double.isFinite(other) || error <= Math.abs(other - value)).isTrue();
      }
    }
  }

  /** Just above the middle of two halves: as a float it would be the middle, and round down. */
  @Test
  void theMiddleIsNotMadeByRounding() {
    double above = 1 + 0x1p-11 + 0x1p-40;
    assertThat(HalfFloats.fromHalf(HalfFloats.toHalf((float) above))).isEqualTo(1);
    assertThat(HalfFloats.fromHalf(HalfFloats.toHalf(HalfFloats.roundedToOdd(above))))
        .isEqualTo(1 + 0x1p-10f);
  }
}
