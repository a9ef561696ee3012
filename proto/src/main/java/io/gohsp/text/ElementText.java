package io.gohsp.text;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.StringJoiner;

/** Elements of tensors, and other numbers, as text that reads back as the same number. */
final class ElementText {
  private ElementText() {}

  /** Whether there is a notation for elements of this type. */
  static boolean hasNotation(ElementType type) {
    return switch (type) {
      case UNDEFINED,
          STRING,
          COMPLEX64,
          COMPLEX128,
          UINT2,
          INT2,
          FLOAT4E2M1,
          FLOAT6E2M3,
          FLOAT6E3M2 ->
          false;
      default -> true;
    };
  }

  /** All elements in row-major order, in braces. */
  static String print(Tensor tensor) {
    StringJoiner elements = new StringJoiner(",", "{", "}");
    switch (tensor.type()) {
      case FLOAT -> {
        for (float value : tensor.floats()) {
          elements.add(withoutZeroFraction(decimal(value)));
        }
      }
      case FLOAT16, BFLOAT16 -> { // whole numbers would be bit patterns
        for (float value : tensor.floats()) {
          elements.add(decimal(value));
        }
      }
      case DOUBLE -> {
        ByteBuffer bytes = tensor.data().bytes();
        while (bytes.hasRemaining()) {
          elements.add(withoutZeroFraction(decimal(bytes.getDouble())));
        }
      }
      case UINT64 -> {
        for (long value : tensor.longs()) {
          elements.add(Long.toUnsignedString(value));
        }
      }
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 -> { // bit patterns
        ByteBuffer bytes = tensor.data().bytes();
        while (bytes.hasRemaining()) {
          elements.add(Integer.toString(Byte.toUnsignedInt(bytes.get())));
        }
      }
      default -> {
        for (long value : tensor.longs()) {
          elements.add(Long.toString(value));
        }
      }
    }
    return elements.toString();
  }

  /** With a point, an exponent, or a word: never like a whole number. */
  static String decimal(float value) {
    return Float.isFinite(value) ? Float.toString(value) : notFinite(value);
  }

  private static String decimal(double value) {
    return Double.isFinite(value) ? Double.toString(value) : notFinite(value);
  }

  private static String notFinite(double value) {
    return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }

  private static String withoutZeroFraction(String decimal) {
    return decimal.endsWith(".0") ? decimal.substring(0, decimal.length() - 2) : decimal;
  }
}
