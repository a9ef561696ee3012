package io.gohsp.normalize;

import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;

/** Tensors whose elements are all equal, bit by bit. */
final class Uniform {
  private static final int CHUNK = 1 << 16;

  private Uniform() {}

  /** Whether all elements are equal. Types of less than a byte are compared byte by byte. */
  static boolean is(Tensor tensor) {
    TensorData data = tensor.data();
    int width = Math.max(1, tensor.type().bits() / Byte.SIZE);
    if (data.byteSize() < width || data.byteSize() % width != 0) {
      return false;
    }
    ByteBuffer first = data.view(0, width);
    byte[] element = new byte[width];
    first.get(element);
    for (long at = 0; at < data.byteSize(); at += CHUNK) {
      ByteBuffer piece = data.view(at, (int) Math.min(CHUNK, data.byteSize() - at));
      for (int i = 0; i < piece.remaining(); i++) {
        if (piece.get(piece.position() + i) != element[i % width]) {
          return false;
        }
      }
    }
    return true;
  }
}
