package io.gohsp.verify;

import io.gohsp.tensor.ElementType;

/** Distances of neighbouring floating numbers. */
final class Ulp {
  private static final int FLOAT16_FRACTION = 10;
  private static final int FLOAT16_LEAST = -14;
  private static final int BFLOAT16_FRACTION = 7;
  private static final int FLOAT8_FRACTION = 3;

  private Ulp() {}

  /** Of a number of this magnitude in this type; 0 for types that are not floating. */
  static double of(ElementType type, double magnitude) {
    if (!type.isFloating() || !Double.isFinite(magnitude)) {
      return 0;
    }
    return switch (type) {
      case DOUBLE -> Math.ulp(magnitude);
      case FLOAT -> Math.ulp((float) magnitude);
      case FLOAT16 ->
          Math.scalb(1.0, Math.max(FLOAT16_LEAST, Math.getExponent(magnitude)) - FLOAT16_FRACTION);
      case BFLOAT16 -> Math.scalb(1.0, Math.getExponent((float) magnitude) - BFLOAT16_FRACTION);
      default -> Math.scalb(1.0, Math.getExponent((float) magnitude) - FLOAT8_FRACTION);
    };
  }
}
