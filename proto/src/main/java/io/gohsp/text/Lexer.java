package io.gohsp.text;

import io.gohsp.text.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into tokens. White space and comments, from {@code #} to the end of the line,
 * separate them.
 */
final class Lexer {
  private static final String SINGLE_SYMBOLS = "<>()[]{},=:.@?";

  private final SourceText source;
  private final String text;
  private int at;

  private Lexer(SourceText source) {
    this.source = source;
    this.text = source.text();
  }

  /** All tokens; the last one is {@link Kind#END}. */
  static List<Token> tokens(SourceText source) {
    Lexer lexer = new Lexer(source);
    List<Token> tokens = new ArrayList<>();
    do {
      tokens.add(lexer.next());
    } while (!tokens.get(tokens.size() - 1).is(Kind.END));
    return tokens;
  }

  private Token next() {
    skipSpace();
    if (at == text.length()) {
      return new Token(Kind.END, "", at);
    }
    char c = text.charAt(at);
    if (Identifiers.isStart(c)) {
      return word(Kind.IDENTIFIER, at);
    }
    if (c == '"') {
      return string();
    }
    if (isDigit(at) || c == '-') {
      return number();
    }
    for (String symbol : List.of("=>", "...")) {
      if (text.startsWith(symbol, at)) {
        return token(Kind.SYMBOL, at, at + symbol.length());
      }
    }
    if (SINGLE_SYMBOLS.indexOf(c) >= 0) {
      return token(Kind.SYMBOL, at, at + 1);
    }
    throw source.error(at, "unexpected character '" + c + "'");
  }

  private void skipSpace() {
    while (at < text.length()) {
      if (text.charAt(at) == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (Character.isWhitespace(text.charAt(at))) {
        at++;
      } else {
        return;
      }
    }
  }

  private Token token(Kind kind, int start, int end) {
    at = end;
    return new Token(kind, text.substring(start, end), start);
  }

  private Token word(Kind kind, int start) {
    int end = at;
    while (end < text.length() && Identifiers.isPart(text.charAt(end))) {
      end++;
    }
    return token(kind, start, end);
  }

  private Token string() {
    int start = at++;
    StringBuilder value = new StringBuilder();
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\\') {
        at++;
      }
      if (at < text.length()) {
        value.append(text.charAt(at++));
      }
    }
    if (at >= text.length()) {
      throw source.error(start, "this string does not end");
    }
    at++;
    return new Token(Kind.STRING, value.toString(), start);
  }

  private Token number() {
    int start = at;
    if (text.charAt(at) == '-') {
      at++;
      if (at < text.length() && Identifiers.isStart(text.charAt(at))) {
        Token word = word(Kind.DECIMAL, start);
        if (!Identifiers.isNotFinite(word.text().substring(1))) {
          throw source.error(start, "expected a number, found '" + word.text() + "'");
        }
        return word;
      }
      if (!isDigit(at)) {
        throw source.error(start, "expected a number after '-'");
      }
    }
    int end = digits(at);
    Kind kind = Kind.INTEGER;
    if (end < text.length() && text.charAt(end) == '.') {
      kind = Kind.DECIMAL;
      end = digits(end + 1);
    }
    if (end < text.length() && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
      kind = Kind.DECIMAL;
      end++;
      if (end < text.length() && (text.charAt(end) == '+' || text.charAt(end) == '-')) {
        end++;
      }
      if (!isDigit(end)) {
        throw source.error(start, "this number's exponent has no digits");
      }
      end = digits(end);
    }
    return token(kind, start, end);
  }

  private int digits(int from) {
    int end = from;
    while (isDigit(end)) {
      end++;
    }
    return end;
  }

  private boolean isDigit(int index) {
    return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
  }
}
