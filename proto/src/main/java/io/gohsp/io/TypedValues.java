package io.gohsp.io;

import static io.gohsp.io.Field.TENSOR_DOUBLES;
import static io.gohsp.io.Field.TENSOR_FLOATS;
import static io.gohsp.io.Field.TENSOR_INT32S;
import static io.gohsp.io.Field.TENSOR_INT64S;
import static io.gohsp.io.Field.TENSOR_STRINGS;
import static io.gohsp.io.Field.TENSOR_UINT64S;

import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The values of one of a tensor's typed fields, the alternative to raw bytes: how many there are,
 * and how they become raw bytes.
 */
final class TypedValues {
  private final int field;
  private long count;
  private long textBytes;
  private int parts;
  private @Nullable Span lastPacked;

  TypedValues(int field) {
    this.field = field;
  }

  /**
   * The field that holds the values of a type, and how many it takes for {@code elements} elements.
   */
  record Storage(int field, long values) {
    static @Nullable Storage of(ElementType type, long elements) {
      return switch (type) {
        case FLOAT -> new Storage(TENSOR_FLOATS, elements);
        case COMPLEX64 -> new Storage(TENSOR_FLOATS, Math.multiplyExact(elements, 2));
        case DOUBLE -> new Storage(TENSOR_DOUBLES, elements);
        case COMPLEX128 -> new Storage(TENSOR_DOUBLES, Math.multiplyExact(elements, 2));
        case INT64 -> new Storage(TENSOR_INT64S, elements);
        case UINT32, UINT64 -> new Storage(TENSOR_UINT64S, elements);
        case STRING -> new Storage(TENSOR_STRINGS, elements);
        case INT32, INT16, UINT16, INT8, UINT8, BOOL, FLOAT16, BFLOAT16 ->
            new Storage(TENSOR_INT32S, elements);
        case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 ->
            new Storage(TENSOR_INT32S, elements);
        case UINT4,
            INT4,
            FLOAT4E2M1,
            UINT2,
            INT2,
            FLOAT6E2M3,
            FLOAT6E3M2 -> // each value is a byte of packed elements
            new Storage(TENSOR_INT32S, type.bytes(elements));
        case UNDEFINED -> null;
      };
    }
  }

  /** Takes note of the field the cursor is at, which has this object's number. */
  void add(WireCursor cursor) {
    parts++;
    lastPacked = null;
    if (field == TENSOR_STRINGS) {
      textBytes += Integer.BYTES + cursor.content().length();
      count++;
      return;
    }
    if (cursor.wireType() != WireCursor.BYTES) {
      count++;
      return;
    }
    Span packed = cursor.content();
    lastPacked = packed;
    switch (field) {
      case TENSOR_FLOATS -> count += whole(packed, 4);
      case TENSOR_DOUBLES -> count += whole(packed, 8);
      default -> {
        WireCursor values = packed.fields();
        while (values.hasMore()) {
          values.readVarint();
          count++;
        }
      }
    }
  }

  private static long whole(Span packed, int width) {
    if (packed.length() % width != 0) {
      throw packed
          .document()
          .broken(
              packed.offset(), packed.length() + " bytes of values that have " + width + " each");
    }
    return packed.length() / width;
  }

  long count() {
    return count;
  }

  /**
   * The values in raw layout: where they lie if that is how they lie, and a copy otherwise.
   *
   * @param tensor the message the values are in
   * @param type the tensor's type; the number of values has been checked against its extents
   * @param bytes what they take in raw layout
   */
  TensorData raw(Span tensor, ElementType type, int bytes) {
    if (parts == 1 && lastPacked != null && (field == TENSOR_FLOATS || field == TENSOR_DOUBLES)) {
      return lastPacked.data();
    }
    ByteBuffer target = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    WireCursor cursor = tensor.fields();
    while (cursor.next()) {
      if (cursor.field() == field) {
        copy(cursor, Math.max(1, type.bits() / 8), target);
      }
    }
    return new TensorData.Heap(target.flip());
  }

  /** What {@link #texts} takes. */
  long textBytes() {
    return textBytes;
  }

  /**
   * Texts, each behind its length in bytes: ONNX has no raw layout for them, and equal bytes shall
   * mean equal texts.
   */
  TensorData texts(Span tensor) {
    ByteBuffer target =
        ByteBuffer.allocate(Math.toIntExact(textBytes)).order(ByteOrder.LITTLE_ENDIAN);
    WireCursor cursor = tensor.fields();
    while (cursor.next()) {
      if (cursor.field() == TENSOR_STRINGS) {
        byte[] text = cursor.content().copy();
        target.putInt(text.length).put(text);
      }
    }
    return new TensorData.Heap(target.flip());
  }

  private void copy(WireCursor cursor, int width, ByteBuffer target) {
    if (field == TENSOR_FLOATS || field == TENSOR_DOUBLES) {
      target.put(cursor.content().copy());
    } else if (cursor.wireType() == WireCursor.VARINT) {
      put(cursor.varint(), width, target);
    } else {
      WireCursor values = cursor.content().fields();
      while (values.hasMore()) {
        put(values.readVarint(), width, target);
      }
    }
  }

  private static void put(long value, int width, ByteBuffer target) {
    switch (width) {
      case 8 -> target.putLong(value);
      case 4 -> target.putInt((int) value);
      case 2 -> target.putShort((short) value);
      default -> target.put((byte) value);
    }
  }

  /**
   * Whether the field the cursor is at has the wire type this field's values have, packed or one by
   * one.
   */
  static boolean holds(WireCursor cursor) {
    int single =
        switch (cursor.field()) {
          case TENSOR_FLOATS -> WireCursor.FIXED32;
          case TENSOR_DOUBLES -> WireCursor.FIXED64;
          case TENSOR_INT32S, TENSOR_INT64S, TENSOR_UINT64S -> WireCursor.VARINT;
          case TENSOR_STRINGS -> WireCursor.BYTES;
          default -> -1;
        };
    return single >= 0 && (cursor.wireType() == single || cursor.wireType() == WireCursor.BYTES);
  }
}
