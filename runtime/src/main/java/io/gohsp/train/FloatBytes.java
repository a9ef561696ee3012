package io.gohsp.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Numbers on their way to another process: one array of bytes is copied, not written one by one.
 */
final class FloatBytes {
  private FloatBytes() {}

  /** All numbers of a vector. */
  static byte[] of(FloatBuffer vector) {
    byte[] bytes = new byte[vector.remaining() * Float.BYTES];
    in(bytes).put(vector);
    return bytes;
  }

  /** Puts all numbers into a vector of as many. */
  static void put(byte[] bytes, FloatBuffer vector) {
    vector.put(in(bytes));
  }

  private static FloatBuffer in(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
