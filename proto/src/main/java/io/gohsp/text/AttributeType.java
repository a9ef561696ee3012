package io.gohsp.text;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of attributes as annotations name them; in the order of their codes in the file format,
 * from 1.
 */
enum AttributeType {
  FLOAT(1),
  INT(2),
  STRING(3),
  TENSOR(4),
  GRAPH(5),
  FLOATS(6),
  INTS(7),
  STRINGS(8),
  TENSORS(9),
  GRAPHS(10),
  SPARSE_TENSOR(11),
  SPARSE_TENSORS(12),
  TYPE_PROTO(13),
  TYPE_PROTOS(14);

  private final int code;

  AttributeType(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /** The word in the text. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static @Nullable AttributeType of(String text) {
    return Arrays.stream(values())
        .filter(type -> type.text().equals(text))
        .findFirst()
        .orElse(null);
  }

  static @Nullable AttributeType of(int code) {
    return Arrays.stream(values()).filter(type -> type.code == code).findFirst().orElse(null);
  }
}
