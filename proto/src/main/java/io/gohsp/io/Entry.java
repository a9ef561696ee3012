package io.gohsp.io;

/** A key with its value, as metadata and descriptions of external data have them. */
record Entry(String key, String value) {
  static Entry of(Span message) {
    String key = "";
    String value = "";
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.is(Field.ENTRY_KEY, WireCursor.BYTES)) {
        key = cursor.content().text();
      } else if (cursor.is(Field.ENTRY_VALUE, WireCursor.BYTES)) {
        value = cursor.content().text();
      }
    }
    return new Entry(key, value);
  }
}
