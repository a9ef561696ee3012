package io.gohsp.nd4j;

import io.gohsp.tensor.ElementType;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Whole numbers or truth values (0 and 1), dense and row-major. Immutable by agreement: views of
 * equal order share the array.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Whole(ElementType type, long[] dims, long[] values) implements Cell {
  static Whole of(ElementType type, long[] dims, long[] values) {
    return new Whole(type, dims, values);
  }

  /** An INT64 vector. */
  static Whole vector(long... values) {
    return new Whole(ElementType.INT64, new long[] {values.length}, values);
  }

  /** The same elements under other extents. */
  Whole reshaped(long[] newDims) {
    return new Whole(type, newDims, values);
  }

  Whole map(ElementType to, LongUnaryOperator f) {
    long[] out = new long[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = f.applyAsLong(values[i]);
    }
    return new Whole(to, dims, out);
  }

  /** Combines elements, broadcasting. */
  Whole zip(ElementType to, Whole other, LongBinaryOperator f) {
    long[] extents = Layout.broadcast(dims, other.dims);
    int[] left = Layout.dense(dims).expanded(extents).positions();
    int[] right = Layout.dense(other.dims).expanded(extents).positions();
    long[] out = new long[left.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = f.applyAsLong(values[left[i]], other.values[right[i]]);
    }
    return new Whole(to, extents, out);
  }

  /** What a layout over these elements shows. */
  Whole seen(Layout layout) {
    int[] positions = layout.positions();
    long[] out = new long[positions.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[positions[i]];
    }
    return new Whole(type, layout.dims(), out);
  }
}
