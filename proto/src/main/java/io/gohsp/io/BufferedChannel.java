package io.gohsp.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Collects small writes; large ones go through as they are. */
final class BufferedChannel implements WritableByteChannel {
  private static final int CAPACITY = 1 << 18;
  private static final int LARGE = 1 << 15;

  private final WritableByteChannel out;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(CAPACITY);

  BufferedChannel(WritableByteChannel out) {
    this.out = out;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    if (count > buffer.remaining()) {
      flush();
    }
    if (count < LARGE) {
      buffer.put(bytes);
    } else {
      flush();
      writeFully(bytes);
    }
    return count;
  }

  private void flush() throws IOException {
    writeFully(buffer.flip());
    buffer.clear();
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  @Override
  public boolean isOpen() {
    return out.isOpen();
  }

  @Override
  public void close() throws IOException {
    flush();
    out.close();
  }
}
