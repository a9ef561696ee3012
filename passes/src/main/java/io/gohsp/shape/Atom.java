package io.gohsp.shape;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A factor of a {@link Size} that is not a number: a symbol of the model, or an expression over
 * symbols that does not simplify. Expressions are kept in canonical form, so equal expressions are
 * equal atoms.
 */
sealed interface Atom extends Comparable<Atom> {
  String text();

  /** Its share of {@link Size#weight}; at least 1. */
  int weight();

  /** The value where the symbols have these values; empty if one has none. */
  OptionalLong evaluate(Map<String, Long> symbols);

  /** The names of the symbols in it. */
  Stream<String> symbols();

  /** Whether the value cannot be negative, given that no symbol is. */
  boolean isNonNegative();

  @Override
  default int compareTo(Atom other) {
    return text().compareTo(other.text());
  }

  /** A name, such as {@code batch}. */
  record Symbol(String text) implements Atom {
    private static final int LETTERS_OF_A_PART = 64;

    @Override
    public int weight() {
      return 1 + text.length() / LETTERS_OF_A_PART;
    }

    @Override
    public Stream<String> symbols() {
      return Stream.of(text);
    }

    @Override
    public OptionalLong evaluate(Map<String, Long> symbols) {
      Long value = symbols.get(text);
      return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    @Override
    public boolean isNonNegative() {
      return true;
    }
  }

  /** At least two terms without a common factor, the constant last: {@code (N+1)}. */
  record Sum(String text, List<Size> terms, int weight) implements Atom {
    static Sum of(List<Size> terms) {
      String joined =
          terms.stream().map(Size::toString).collect(Collectors.joining("+")).replace("+-", "-");
      return new Sum("(" + joined + ")", terms, 1 + terms.stream().mapToInt(Size::weight).sum());
    }

    @Override
    public Stream<String> symbols() {
      return terms.stream().flatMap(Size::symbols);
    }

    @Override
    public OptionalLong evaluate(Map<String, Long> symbols) {
      long sum = 0;
      for (Size term : terms) {
        OptionalLong value = term.evaluate(symbols);
        if (value.isEmpty()) {
          return value;
        }
        sum += value.getAsLong();
      }
      return OptionalLong.of(sum);
    }

    @Override
    public boolean isNonNegative() {
      return terms.stream().allMatch(Size::isNonNegative);
    }
  }

  /** An operation on two sizes. */
  record Binary(String text, Kind kind, Size left, Size right, int weight) implements Atom {
    static Binary of(Kind kind, Size left, Size right) {
      String text = kind.word + "(" + left + "," + right + ")";
      return new Binary(text, kind, left, right, 1 + left.weight() + right.weight());
    }

    @Override
    public Stream<String> symbols() {
      return Stream.concat(left.symbols(), right.symbols());
    }

    @Override
    public OptionalLong evaluate(Map<String, Long> symbols) {
      OptionalLong a = left.evaluate(symbols);
      OptionalLong b = right.evaluate(symbols);
      return a.isPresent() && b.isPresent()
          ? kind.apply(a.getAsLong(), b.getAsLong())
          : OptionalLong.empty();
    }

    @Override
    public boolean isNonNegative() {
      return kind == Kind.MAX
          ? left.isNonNegative() || right.isNonNegative()
          : left.isNonNegative() && right.isNonNegative();
    }
  }

  /** The operations. */
  enum Kind {
    /** Division that is known to leave no remainder, because the model would not run otherwise. */
    RATIO("exact"),
    FLOOR("floor"),
    MOD("mod"),
    MIN("min"),
    MAX("max");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    private OptionalLong apply(long a, long b) {
      if (b == 0 && (this == RATIO || this == FLOOR || this == MOD)) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(
          switch (this) {
            case RATIO, FLOOR -> Math.floorDiv(a, b);
            case MOD -> Math.floorMod(a, b);
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
          });
    }
  }
}
