package io.gohsp.text;

/**
 * A piece of the text.
 *
 * @param text what it says; for a string without quotes and escapes
 * @param offset where it starts
 */
record Token(Kind kind, String text, int offset) {
  enum Kind {
    IDENTIFIER,
    STRING,
    /** Digits, with a sign or without. */
    INTEGER,
    /** A number with a point or an exponent, or minus infinity. */
    DECIMAL,
    SYMBOL,
    END
  }

  boolean is(Kind expected) {
    return kind == expected;
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  /** Identifiers and strings: what can name a value, a graph, an operator. */
  boolean isName() {
    return kind == Kind.IDENTIFIER || kind == Kind.STRING;
  }

  /** For messages. */
  @Override
  public String toString() {
    return switch (kind) {
      case END -> "the end of the text";
      case STRING -> Identifiers.quoted(text);
      default -> "'" + text + "'";
    };
  }
}
