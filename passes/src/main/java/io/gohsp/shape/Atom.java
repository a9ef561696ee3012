package io.gohsp.shape;

import io.gohsp.shape.SizeArithmetic.Operation;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A factor of a {@link Size} that is not a number: a symbol of the model, or an expression over
 * symbols that does not simplify. Expressions are kept in canonical form, so equal expressions are
 * equal atoms.
 */
sealed interface Atom extends Comparable<Atom> {
  String text();

  /** Its share of {@link Size#weight}; at least 1. */
  int weight();

  /** What this comes to; null if a symbol in it comes to nothing. */
  <T> @Nullable T compute(SizeArithmetic<T> arithmetic);

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
    public <T> @Nullable T compute(SizeArithmetic<T> arithmetic) {
      return arithmetic.known(Size.symbol(text));
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
    public <T> @Nullable T compute(SizeArithmetic<T> arithmetic) {
      T sum = null;
      for (Size term : terms) {
        T value = term.compute(arithmetic);
        if (value == null) {
          return null;
        }
        sum = sum == null ? value : arithmetic.combine(Operation.PLUS, sum, value);
      }
      return sum;
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
    public <T> @Nullable T compute(SizeArithmetic<T> arithmetic) {
      T a = left.compute(arithmetic);
      T b = right.compute(arithmetic);
      return a == null || b == null ? null : arithmetic.combine(kind.operation, a, b);
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
    RATIO("exact", Operation.FLOOR),
    FLOOR("floor", Operation.FLOOR),
    MOD("mod", Operation.MOD),
    MIN("min", Operation.MIN),
    MAX("max", Operation.MAX);

    private final String word;
    private final Operation operation;

    Kind(String word, Operation operation) {
      this.word = word;
      this.operation = operation;
    }
  }
}
