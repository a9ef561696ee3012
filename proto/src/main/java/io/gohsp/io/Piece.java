package io.gohsp.io;

import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Something of known length that is going to be written. */
interface Piece {
  long length();

  void writeTo(WritableByteChannel out) throws IOException;

  /** Bytes in memory. */
  final class Bytes implements Piece {
    private final byte[] bytes;

    /** The array belongs to this object from now on. */
    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long length() {
      return bytes.length;
    }

    @Override
    public void writeTo(WritableByteChannel out) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
    }
  }

  /** The contents of a tensor, or a range of a file; read only when they are written. */
  record Contents(TensorData data) implements Piece {
    @Override
    public long length() {
      return data.byteSize();
    }

    @Override
    public void writeTo(WritableByteChannel out) throws IOException {
      data.writeTo(out);
    }
  }
}
