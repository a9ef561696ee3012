package io.gohsp.tensor;

/** The element types of ONNX tensors, with the code each has in the file format. */
public enum ElementType {
  UNDEFINED(0, 0),
  FLOAT(1, 32),
  UINT8(2, 8),
  INT8(3, 8),
  UINT16(4, 16),
  INT16(5, 16),
  INT32(6, 32),
  INT64(7, 64),
  STRING(8, 0),
  BOOL(9, 8),
  FLOAT16(10, 16),
  DOUBLE(11, 64),
  UINT32(12, 32),
  UINT64(13, 64),
  COMPLEX64(14, 64),
  COMPLEX128(15, 128),
  BFLOAT16(16, 16),
  FLOAT8E4M3FN(17, 8),
  FLOAT8E4M3FNUZ(18, 8),
  FLOAT8E5M2(19, 8),
  FLOAT8E5M2FNUZ(20, 8),
  UINT4(21, 4),
  INT4(22, 4),
  FLOAT4E2M1(23, 4),
  FLOAT8E8M0(24, 8),
  UINT2(25, 2),
  INT2(26, 2),
  FLOAT6E2M3(27, 6),
  FLOAT6E3M2(28, 6);

  private final int code;
  private final int bits;

  ElementType(int code, int bits) {
    this.code = code;
    this.bits = bits;
  }

  /** The number that stands for this type in the file. */
  public int code() {
    return code;
  }

  /**
   * Bits an element takes in raw data; 0 where elements have no fixed size (strings, undefined).
   */
  public int bits() {
    return bits;
  }

  /** Bytes that {@code elements} elements take in raw data; types below a byte are packed. */
  public long bytes(long elements) {
    return Math.addExact(Math.multiplyExact(elements, bits), 7) / 8;
  }

  /** Types in which networks compute: fractions, of any width. */
  public boolean isFloating() {
    return switch (this) {
      case FLOAT,
          FLOAT16,
          DOUBLE,
          BFLOAT16,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ ->
          true;
      default -> false;
    };
  }

  /** Whether elements can be read as single numbers; texts, complex and 6-bit numbers cannot. */
  public boolean isNumeric() {
    return switch (this) {
      case UNDEFINED, STRING, COMPLEX64, COMPLEX128, FLOAT6E2M3, FLOAT6E3M2 -> false;
      default -> true;
    };
  }

  /** Whole numbers, signed or not; not booleans. */
  public boolean isInteger() {
    return switch (this) {
      case UINT8, INT8, UINT16, INT16, INT32, INT64, UINT32, UINT64, UINT4, INT4, UINT2, INT2 ->
          true;
      default -> false;
    };
  }

  /** The type with this code; {@link #UNDEFINED} for a code that is newer than this program. */
  public static ElementType of(int code) {
    ElementType[] all = values();
    return code >= 0 && code < all.length ? all[code] : UNDEFINED;
  }
}
