package io.gohsp.tensor;

/**
 * Floating numbers of a byte or less, as ONNX defines them: a sign, an exponent and a mantissa, of
 * which most have no infinity and some no negative zero.
 */
final class SmallFloats {
  private SmallFloats() {}

  /**
   * The number that bits stand for.
   *
   * @param type one of FLOAT8 or FLOAT4
   */
  static float decode(ElementType type, int bits) {
    return switch (type) {
      case FLOAT8E4M3FN -> (bits & 0x7F) == 0x7F ? Float.NaN : decode(bits, 4, 3, 7);
      case FLOAT8E4M3FNUZ -> bits == 0x80 ? Float.NaN : decode(bits, 4, 3, 8);
      case FLOAT8E5M2 ->
          (bits & 0x7C) < 0x7C
              ? decode(bits, 5, 2, 15)
              : (bits & 3) > 0 ? Float.NaN : (bits & 0x80) > 0 ? -1f / 0 : 1f / 0;
      case FLOAT8E5M2FNUZ -> bits == 0x80 ? Float.NaN : decode(bits, 5, 2, 16);
      case FLOAT8E8M0 -> bits == 0xFF ? Float.NaN : Math.scalb(1f, bits - 127);
      case FLOAT4E2M1 -> decode(bits, 2, 1, 1);
      default -> throw new IllegalArgumentException(type + " is no small float");
    };
  }

  private static float decode(int bits, int exponentBits, int mantissaBits, int bias) {
    int mantissa = bits & (1 << mantissaBits) - 1;
    int exponent = bits >> mantissaBits & (1 << exponentBits) - 1;
    boolean negative = ((bits >> (mantissaBits + exponentBits)) & 1) > 0;
    int whole = exponent == 0 ? mantissa : mantissa + (1 << mantissaBits);
    float number = Math.scalb((float) whole, Math.max(exponent, 1) - bias - mantissaBits);
    return negative ? -number : number;
  }
}
