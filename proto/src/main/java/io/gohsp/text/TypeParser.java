package io.gohsp.text;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads types. */
final class TypeParser {
  private final TokenStream in;

  TypeParser(TokenStream in) {
    this.in = in;
  }

  boolean atType() {
    return in.peek().is(Kind.IDENTIFIER) && TypeText.isTypeName(in.peek().text());
  }

  /** A type, or null if a name comes next. */
  @Nullable ValueType optional() {
    return atType() ? parse() : null;
  }

  ValueType parse() {
    if (!atType()) {
      throw in.expected("a type such as float[2,3]");
    }
    String word = in.next().text();
    ElementType element = TypeText.element(word);
    return element == null ? opaque(word) : new ValueType.TensorType(element, shape());
  }

  private @Nullable List<Dim> shape() {
    if (!in.at("[")) {
      return List.of();
    }
    List<Dim> dims = new ArrayList<>();
    in.list("[", "]", () -> dims.add(dim()));
    return dims.isEmpty() ? null : dims;
  }

  private Dim dim() {
    if (in.accept("?")) {
      return Dim.UNKNOWN;
    }
    Token token = in.peek();
    if (token.isName()) {
      return Dim.of(in.next().text());
    }
    long extent = in.integer("an extent: a number, a name or '?'");
    if (extent < 0) {
      throw in.error(token, "an extent cannot be negative");
    }
    return Dim.of(extent);
  }

  /** Nobody looks into these types, so their text is kept, with spaces in standard places. */
  private ValueType opaque(String word) {
    StringBuilder description = new StringBuilder(word);
    int depth = 0;
    do {
      Token token = in.peek();
      if (token.is(Kind.END) || (depth == 0 && !token.isSymbol("("))) {
        throw in.expected(depth == 0 ? "'('" : "')'");
      }
      in.next();
      depth += token.isSymbol("(") ? 1 : token.isSymbol(")") ? -1 : 0;
      description.append(token.is(Kind.STRING) ? Identifiers.quoted(token.text()) : token.text());
    } while (depth > 0);
    return new ValueType.Opaque(description.toString());
  }
}
