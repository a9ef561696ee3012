package io.gohsp.io;

/**
 * A version of an operator set, as imported by a model or a function; the standard domain is the
 * empty string.
 */
record Opset(String domain, long version) {
  static Opset of(Span message) {
    String domain = "";
    long version = 0;
    WireCursor cursor = message.fields();
    while (cursor.next()) {
      if (cursor.is(Field.ENTRY_KEY, WireCursor.BYTES)) {
        domain = cursor.content().name();
      } else if (cursor.is(Field.ENTRY_VALUE, WireCursor.VARINT)) {
        version = cursor.varint();
      }
    }
    return new Opset(Domains.normalised(domain), version);
  }
}
