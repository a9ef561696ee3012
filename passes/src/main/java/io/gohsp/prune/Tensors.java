package io.gohsp.prune;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What differs between two constants, in words. */
final class Tensors {
  /** How many bytes are looked at at once. */
  private static final int PIECE = 1 << 22;

  private Tensors() {}

  /** Other types or extents; null if they are the same. */
  static @Nullable String otherForm(Tensor expected, Tensor actual) {
    if (expected.type() != actual.type()) {
      return "holds " + actual.type() + " instead of " + expected.type();
    }
    return Arrays.equals(expected.dims(), actual.dims())
        ? null
        : "has the extents %s instead of %s"
            .formatted(Arrays.toString(actual.dims()), Arrays.toString(expected.dims()));
  }

  /** Other bytes, in tensors of one form; null if all are equal. */
  static @Nullable String otherNumbers(Tensor expected, Tensor actual) {
    long length = expected.data().byteSize();
    if (length != actual.data().byteSize()) {
      return "has other contents";
    }
    for (long at = 0; at < length; at += PIECE) {
      int size = (int) Math.min(PIECE, length - at);
      ByteBuffer want = expected.data().view(at, size);
      ByteBuffer have = actual.data().view(at, size);
      int first = want.mismatch(have);
      if (first >= 0) {
        return describe(expected, actual, at + first);
      }
    }
    return null;
  }

  private static String describe(Tensor expected, Tensor actual, long at) {
    ElementType type = expected.type();
    int element = type.bits() < 8 ? 0 : Math.toIntExact(at / (type.bits() / 8));
    if (type.bits() < 8 || !(type.isFloating() || type.isInteger())) {
      return "has other contents";
    }
    return "has %s at element %d where the cut has %s"
        .formatted(number(actual, element), element, number(expected, element));
  }

  private static String number(Tensor tensor, int element) {
    return tensor.type().isFloating()
        ? Float.toString(tensor.floats()[element])
        : Long.toString(tensor.longs()[element]);
  }
}
