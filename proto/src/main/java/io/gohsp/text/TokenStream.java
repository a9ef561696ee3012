package io.gohsp.text;

import io.gohsp.ir.ModelException;
import io.gohsp.text.Token.Kind;
import java.util.List;
import java.util.Locale;

/** The tokens not yet read, and the small words of the grammar: names, numbers, symbols. */
final class TokenStream {
  private final SourceText source;
  private final List<Token> tokens;
  private int at;

  TokenStream(String text) {
    source = new SourceText(text);
    tokens = Lexer.tokens(source);
  }

  Token peek() {
    return peek(0);
  }

  /** The token {@code ahead} places after the next one. */
  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  Token next() {
    Token token = peek();
    at = Math.min(at + 1, tokens.size() - 1);
    return token;
  }

  /** How many tokens are left. */
  int remaining() {
    return tokens.size() - at;
  }

  boolean at(String symbol) {
    return peek().isSymbol(symbol);
  }

  /** Reads the symbol if it comes next. */
  boolean accept(String symbol) {
    if (!at(symbol)) {
      return false;
    }
    next();
    return true;
  }

  void expect(String symbol) {
    if (!accept(symbol)) {
      throw expected("'" + symbol + "'");
    }
  }

  /**
   * Reads {@code open}, items with commas between them, and {@code close}.
   *
   * @param item reads one
   */
  void list(String open, String close, Runnable item) {
    expect(open);
    if (accept(close)) {
      return;
    }
    do {
      item.run();
    } while (accept(","));
    if (!accept(close)) {
      throw expected("',' or '" + close + "'");
    }
  }

  /** An identifier or a string that is not empty. */
  Token name(String what) {
    if (!peek().isName() || peek().text().isEmpty()) {
      throw expected(what);
    }
    return next();
  }

  /** A name that may be the empty string. */
  Token nameOrEmpty(String what) {
    if (!peek().isName()) {
      throw expected(what);
    }
    return next();
  }

  String identifier(String what) {
    if (!peek().is(Kind.IDENTIFIER)) {
      throw expected(what);
    }
    return next().text();
  }

  String string(String what) {
    if (!peek().is(Kind.STRING)) {
      throw expected(what);
    }
    return next().text();
  }

  long integer(String what) {
    if (!peek().is(Kind.INTEGER)) {
      throw expected(what);
    }
    Token token = next();
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw error(token, token + " does not fit 64 bits");
    }
  }

  /** Whether a number with a point, an exponent, or no finite value comes next. */
  boolean atDecimal() {
    return peek().is(Kind.DECIMAL)
        || (peek().is(Kind.IDENTIFIER) && Identifiers.isNotFinite(peek().text()));
  }

  /** A number, whole or not, rounded to 32 bits. */
  float float32() {
    Token token = peek();
    double value = notFinite();
    // Through a double it would be rounded twice.
    return Double.isFinite(value) ? finite(token, Float.parseFloat(next().text())) : (float) value;
  }

  /** A number, whole or not. */
  double float64() {
    Token token = peek();
    double value = notFinite();
    return Double.isFinite(value) ? finite(token, Double.parseDouble(next().text())) : value;
  }

  /** Reads infinity or not-a-number; 0, and nothing read, if a finite number comes next. */
  private double notFinite() {
    if (!atDecimal() && !peek().is(Kind.INTEGER)) {
      throw expected("a number");
    }
    String word = peek().text().toLowerCase(Locale.ROOT);
    boolean minus = word.startsWith("-");
    if (!Identifiers.isNotFinite(minus ? word.substring(1) : word)) {
      return 0;
    }
    next();
    double magnitude = word.endsWith("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
    return minus ? -magnitude : magnitude;
  }

  private <T extends Number> T finite(Token token, T value) {
    if (Double.isInfinite(value.doubleValue())) {
      throw error(token, token + " is too large");
    }
    return value;
  }

  /** What to throw when the next token is not what the grammar asks for. */
  ModelException.Malformed expected(String what) {
    return error(peek(), "expected " + what + ", found " + peek());
  }

  ModelException.Malformed error(Token token, String problem) {
    return source.error(token.offset(), problem);
  }
}
