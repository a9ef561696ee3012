package io.gohsp.io;

import io.gohsp.ir.ModelException;
import java.nio.ByteBuffer;

/**
 * Walks the fields of one message in the protobuf wire format, without copying and without trusting
 * a length it has not checked. After {@link #next} the accessors describe the current field.
 */
final class WireCursor {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  /** As much as is looked at through one view of the document. */
  static final int WINDOW = 1 << 30;

  /**
   * Groups (obsolete, but an unknown field may be one) nest no deeper than protobuf's own limit.
   */
  private static final int GROUP_LIMIT = 100;

  private final Document document;
  private final long end;
  private ByteBuffer window;
  private long windowStart;

  private long position;
  private long fieldStart;
  private long valueStart;
  private long varint;
  private int field;
  private int wireType;

  WireCursor(Span message) {
    this.document = message.document();
    this.position = message.offset();
    this.end = message.offset() + message.length();
    this.windowStart = position;
    this.window = document.bytes().view(position, (int) Math.min(WINDOW, end - position));
  }

  /**
   * Moves to the next field.
   *
   * @return false at the end of the message
   * @throws ModelException.Malformed if what follows is not a field
   */
  boolean next() {
    if (position == end) {
      return false;
    }
    fieldStart = position;
    long tag = readVarint();
    wireType = (int) (tag & 7);
    if (tag >>> 32 != 0 || tag >>> 3 == 0) {
      throw document.broken(fieldStart, "no field begins like this");
    }
    field = (int) (tag >>> 3);
    valueStart = position;
    switch (wireType) {
      case VARINT -> varint = readVarint();
      case FIXED64 -> skip(8);
      case BYTES -> {
        long length = readVarint();
        valueStart = position;
        skip(length);
      }
      case START_GROUP -> skipGroup();
      case FIXED32 -> skip(4);
      default -> throw document.broken(fieldStart, "no field has wire type " + wireType);
    }
    return true;
  }

  /**
   * Whether the current field is number {@code number} in wire type {@code type}; any other is an
   * unknown field.
   */
  boolean is(int number, int type) {
    return field == number && wireType == type;
  }

  int field() {
    return field;
  }

  int wireType() {
    return wireType;
  }

  /** The current field with its tag. */
  Span whole() {
    return new Span(document, fieldStart, position - fieldStart);
  }

  /** What the current field holds, without tag and length. */
  Span content() {
    return new Span(document, valueStart, position - valueStart);
  }

  /** The value of a field of type {@link #VARINT}. */
  long varint() {
    return varint;
  }

  /** The bits of a field of type {@link #FIXED32}. */
  int fixed32() {
    return document.bytes().view(valueStart, 4).getInt(0);
  }

  /** Whether anything is left, of the packed values this cursor stands in. */
  boolean hasMore() {
    return position < end;
  }

  /** Reads one packed value; the cursor stands in packed values instead of a message. */
  long readVarint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position == end) {
        throw tooShort(position, "a number");
      }
      byte b = byteAt(position++);
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw document.broken(position - 10, "a number of more than ten bytes");
  }

  private byte byteAt(long at) {
    long index = at - windowStart;
    if (index >= window.capacity()) {
      windowStart = at;
      window = document.bytes().view(at, (int) Math.min(WINDOW, end - at));
      index = 0;
    }
    return window.get((int) index);
  }

  private void skip(long length) {
    if (length < 0 || length > end - position) {
      throw tooShort(fieldStart, "field " + field);
    }
    position += length;
  }

  private void skipGroup() {
    int[] open = new int[GROUP_LIMIT];
    int depth = 0;
    open[depth++] = field;
    while (depth > 0) {
      if (position == end) {
        throw tooShort(fieldStart, "field " + field);
      }
      long at = position;
      long tag = readVarint();
      int number = (int) (tag >>> 3);
      switch ((int) (tag & 7)) {
        case VARINT -> readVarint();
        case FIXED64 -> skip(8);
        case BYTES -> skip(readVarint());
        case START_GROUP -> {
          if (depth == GROUP_LIMIT) {
            throw document.broken(at, "groups nested deeper than " + GROUP_LIMIT);
          }
          open[depth++] = number;
        }
        case END_GROUP -> {
          if (open[--depth] != number) {
            throw document.broken(at, "a group ends that did not begin");
          }
        }
        case FIXED32 -> skip(4);
        default -> throw document.broken(at, "no field has wire type " + (tag & 7));
      }
    }
  }

  private ModelException.Malformed tooShort(long at, String what) {
    long size = document.bytes().byteSize();
    return end == size
        ? document.broken(
            at, what + " begins here and the file ends before it does, after " + size + " bytes")
        : document.broken(at, what + " runs past the end of the message around it");
  }
}
