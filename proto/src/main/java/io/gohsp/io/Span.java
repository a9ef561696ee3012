package io.gohsp.io;

import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A range of a document: a message, or what a field holds. Nothing is copied until somebody asks
 * for it.
 */
record Span(Document document, long offset, long length) {
  private static final char REPLACEMENT = '\uFFFD';

  WireCursor fields() {
    return new WireCursor(this);
  }

  /** The bytes where they lie. */
  TensorData data() {
    if (document.bytes() instanceof TensorData.Mapped mapped) {
      return new TensorData.Mapped(mapped.file(), mapped.offset() + offset, length);
    }
    if (document.bytes() instanceof TensorData.Heap heap) {
      return new TensorData.Heap(
          heap.content().slice(Math.toIntExact(offset), Math.toIntExact(length)));
    }
    throw new AssertionError(document.bytes());
  }

  /** A copy of the bytes; only for small messages. */
  byte[] copy() {
    if (length > WireCursor.WINDOW) {
      throw document.broken(offset, "a field of " + length + " bytes where a small one belongs");
    }
    ByteBuffer view = document.bytes().view(offset, (int) length);
    byte[] bytes = new byte[view.remaining()];
    view.get(bytes);
    return bytes;
  }

  /** Text for people; bytes that are not UTF-8 become replacement characters. */
  String text() {
    return new String(copy(), StandardCharsets.UTF_8);
  }

  /** Text that identifies something, and therefore has to survive a round trip. */
  String name() {
    byte[] bytes = copy();
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0
        && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)) {
      throw document.broken(offset, "a name that is not UTF-8");
    }
    return text;
  }
}
