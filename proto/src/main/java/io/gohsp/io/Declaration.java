package io.gohsp.io;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file declares about an input, an output or another value (a ValueInfoProto).
 *
 * @param type null if only the name is given
 */
record Declaration(String name, @Nullable ValueType type) {
  private static final int NAME = 1;
  private static final int TYPE = 2;
  private static final int TENSOR = 1;
  private static final int ELEMENT = 1;
  private static final int SHAPE = 2;
  private static final int DIM = 1;
  private static final int DIM_VALUE = 1;
  private static final int DIM_SYMBOL = 2;

  static Declaration of(Span message) {
    String name = "";
    ValueType type = null;
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.is(NAME, WireCursor.BYTES)) {
        name = cursor.content().name();
      } else if (cursor.is(TYPE, WireCursor.BYTES)) {
        type = type(cursor.content());
      }
    }
    return new Declaration(name, type);
  }

  private static @Nullable ValueType type(Span message) {
    ValueType type = null;
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.is(TENSOR, WireCursor.BYTES)) {
        type = tensor(cursor.content());
      } else if (cursor.wireType() == WireCursor.BYTES) {
        String kind = kind(cursor.field());
        type = kind == null ? type : new ValueType.Opaque(kind);
      }
    }
    return type;
  }

  /** The types that are not looked into. */
  private static @Nullable String kind(int field) {
    return switch (field) {
      case 4 -> "sequence";
      case 5 -> "map";
      case 7 -> "opaque";
      case 8 -> "sparse_tensor";
      case 9 -> "optional";
      default -> null;
    };
  }

  private static ValueType tensor(Span message) {
    ElementType element = ElementType.UNDEFINED;
    List<Dim> shape = null;
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.is(ELEMENT, WireCursor.VARINT)) {
        element = ElementType.of((int) cursor.varint());
      } else if (cursor.is(SHAPE, WireCursor.BYTES)) {
        shape = new ArrayList<>();
        WireCursor dims = cursor.content().fields();
        while (dims.next()) {
          if (dims.is(DIM, WireCursor.BYTES)) {
            shape.add(dim(dims.content()));
          }
        }
      }
    }
    return new ValueType.TensorType(element, shape);
  }

  private static Dim dim(Span message) {
    Dim dim = Dim.UNKNOWN;
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.is(DIM_VALUE, WireCursor.VARINT)) {
        dim = dim(cursor.varint());
      } else if (cursor.is(DIM_SYMBOL, WireCursor.BYTES)) {
        dim = dim(cursor.content().text());
      }
    }
    return dim;
  }

  /** Some exporters write -1 for an extent they do not know. */
  static Dim dim(long value) {
    return value >= 0 ? Dim.of(value) : Dim.UNKNOWN;
  }

  static Dim dim(String symbol) {
    return symbol.isEmpty() ? Dim.UNKNOWN : Dim.of(symbol);
  }
}
