package io.gohsp.io;

import com.google.protobuf.MessageLite;
import io.gohsp.tensor.TensorData;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A protobuf message being put together from fields of an old one and new fields. They come out in
 * the order of their numbers, as protobuf's own serializers write them.
 */
final class WireMessage {
  /**
   * Fields up to this size are copied at once; larger ones stay where they are until they are
   * written.
   */
  private static final int SMALL = 4096;

  private final SortedMap<Integer, Rope> fields = new TreeMap<>();

  /** Takes over the fields of {@code message} except those with the given numbers. */
  WireMessage keep(Span message, Set<Integer> except) {
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (!except.contains(cursor.field())) {
        keep(cursor);
      }
    }
    return this;
  }

  /** Takes over the field that the cursor is at. */
  WireMessage keep(WireCursor cursor) {
    return add(cursor.field(), verbatim(cursor.whole()));
  }

  /** A message in the field {@code number}. */
  WireMessage put(int number, Piece message) {
    add(number, new Piece.Bytes(header(number, message.length())));
    return add(number, message);
  }

  WireMessage put(int number, MessageLite message) {
    return put(number, new Piece.Bytes(message.toByteArray()));
  }

  WireMessage put(int number, TensorData contents) {
    return put(number, new Piece.Contents(contents));
  }

  WireMessage put(int number, String text) {
    return put(number, new Piece.Bytes(text.getBytes(StandardCharsets.UTF_8)));
  }

  WireMessage put(int number, long value) {
    byte[] bytes = new byte[20];
    int end = varint(value, bytes, varint(((long) number << 3) | WireCursor.VARINT, bytes, 0));
    return add(number, new Piece.Bytes(Arrays.copyOf(bytes, end)));
  }

  private WireMessage add(int number, Piece piece) {
    fields.computeIfAbsent(number, n -> new Rope()).add(piece);
    return this;
  }

  /** The whole message. Not to be changed any more. */
  Rope rope() {
    Rope rope = new Rope();
    fields.values().forEach(rope::add);
    return rope;
  }

  /** A range of a document as it stands. */
  static Piece verbatim(Span span) {
    return span.length() <= SMALL ? new Piece.Bytes(span.copy()) : new Piece.Contents(span.data());
  }

  private static byte[] header(int number, long length) {
    byte[] bytes = new byte[20];
    int end = varint(length, bytes, varint(((long) number << 3) | WireCursor.BYTES, bytes, 0));
    return Arrays.copyOf(bytes, end);
  }

  private static int varint(long value, byte[] target, int at) {
    long rest = value;
    int end = at;
    while ((rest & ~0x7FL) != 0) {
      target[end++] = (byte) ((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    target[end++] = (byte) rest;
    return end;
  }
}
