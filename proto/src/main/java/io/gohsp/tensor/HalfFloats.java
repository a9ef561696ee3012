package io.gohsp.tensor;

/** The two 16-bit float formats: IEEE half (5 exponent bits) and brain float (8). */
final class HalfFloats {
  private HalfFloats() {}

  static float fromBrain(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest, ties to even. */
  static short toBrain(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  static float fromHalf(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >>> 10) & 0x1F;
    int fraction = bits & 0x3FF;
    if (exponent == 0x1F) {
      return Float.intBitsToFloat(sign | 0x7F800000 | (fraction << 13));
    }
    if (exponent == 0) {
      float subnormal = fraction * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
  }

  /**
   * A float that rounds to the same 16 bits as {@code value}: where it lies between two floats, the
   * one whose last bit is set. Rounding to the nearest float first would make ties of what are none
   * (Boldo and Melquiond, Emulation of FMA and correctly rounded sums, 2008).
   */
  static float roundedToOdd(double value) {
    float nearest = (float) value;
    if (nearest == value
        || Double.isNaN(value)
        || Float.isInfinite(nearest)
        || (Float.floatToRawIntBits(nearest) & 1) != 0) {
      return nearest;
    }
    return (nearest < value) ? Math.nextUp(nearest) : Math.nextDown(nearest);
  }

  /** Rounds to nearest, ties to even; too large becomes infinity. */
  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7E00);
    }
    if (magnitude >= 65520f) { // half way between the largest half and the next power of two
      return (short) (sign | 0x7C00);
    }
    if (magnitude < 0x1p-14f) { // subnormal: a whole number of 2^-24
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int rounded = Float.floatToRawIntBits(magnitude);
    rounded += 0xFFF + ((rounded >>> 13) & 1);
    return (short) (sign | ((rounded >>> 13) - (112 << 10)));
  }
}
