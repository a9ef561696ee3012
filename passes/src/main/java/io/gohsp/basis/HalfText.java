package io.gohsp.basis;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/** Numbers in half precision, little-endian, in Base64: how plans hold matrices. */
public final class HalfText {
  private HalfText() {}

  /** The nearest numbers of half precision. */
  public static double[] rounded(double... numbers) {
    return half(numbers).doubles();
  }

  private static Tensor half(double... numbers) {
    return Tensor.ofDoubles(ElementType.FLOAT16, new long[] {numbers.length}, numbers);
  }

  /** Numbers as text. */
  public static String of(double... numbers) {
    ByteBuffer bytes = half(numbers).data().bytes();
    byte[] all = new byte[bytes.remaining()];
    bytes.get(all);
    return Base64.getEncoder().encodeToString(all);
  }

  /**
   * Reads what {@link #of} wrote.
   *
   * @throws IllegalArgumentException if it is not Base64 of as many finite numbers
   */
  public static double[] parse(int count, String text) {
    byte[] bytes = Base64.getDecoder().decode(text);
    if (bytes.length != 2 * count) {
      throw new IllegalArgumentException(
          bytes.length + " bytes instead of " + 2 * count + ", two for each element");
    }
    long[] bits = new long[count];
    for (int i = 0; i < count; i++) {
      bits[i] = Byte.toUnsignedLong(bytes[2 * i]) | Byte.toUnsignedLong(bytes[2 * i + 1]) << 8;
    }
    Tensor whole = Tensor.ofIntegers(ElementType.UINT16, new long[] {count}, bits);
    double[] numbers = new Tensor(ElementType.FLOAT16, new long[] {count}, whole.data()).doubles();
    if (!Arrays.stream(numbers).allMatch(Double::isFinite)) {
      throw new IllegalArgumentException("elements that are not finite");
    }
    return numbers;
  }
}
