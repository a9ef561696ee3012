package io.gohsp.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/**
 * The bytes of a tensor in ONNX's raw layout: row-major, little-endian, types below a byte packed
 * from the low bits, texts each behind its length (an INT32). Immutable; a copy is made only by
 * whoever writes.
 */
public sealed interface TensorData permits TensorData.Mapped, TensorData.Heap, SlicedData {
  /** The largest piece {@link #writeTo} holds at once. */
  int CHUNK = 1 << 20;

  long byteSize();

  /**
   * Little-endian read-only bytes of a range; a view where the storage allows, a copy otherwise.
   *
   * @param length at most 1 GiB
   */
  ByteBuffer view(long offset, int length);

  /** All bytes at once. Only for tensors below 1 GiB. */
  default ByteBuffer bytes() {
    return view(0, Math.toIntExact(byteSize()));
  }

  /** Writes all bytes in order, a piece at a time. */
  default void writeTo(WritableByteChannel out) throws IOException {
    for (long at = 0; at < byteSize(); at += CHUNK) {
      ByteBuffer piece = view(at, (int) Math.min(CHUNK, byteSize() - at));
      while (piece.hasRemaining()) {
        out.write(piece);
      }
    }
  }

  /** A range of a mapped file. */
  record Mapped(MappedFile file, long offset, long byteSize) implements TensorData {
    public Mapped {
      if (offset < 0 || byteSize < 0 || offset > file.size() - byteSize) {
        throw new IndexOutOfBoundsException(
            "bytes "
                + offset
                + "+"
                + byteSize
                + " of "
                + file.path()
                + ", which has "
                + file.size());
      }
    }

    @Override
    public ByteBuffer view(long at, int length) {
      if (at < 0 || at > byteSize - length) {
        throw new IndexOutOfBoundsException("bytes " + at + "+" + length + " of " + byteSize);
      }
      return file.view(offset + at, length);
    }
  }

  /** Bytes in memory. The buffer belongs to this object from now on. */
  record Heap(ByteBuffer content) implements TensorData {
    public Heap {
      content = content.slice().asReadOnlyBuffer();
    }

    @Override
    public long byteSize() {
      return content.capacity();
    }

    @Override
    public ByteBuffer view(long at, int length) {
      return content.slice(Math.toIntExact(at), length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
