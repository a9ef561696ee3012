package io.gohsp.shape;

import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.shape.Atom.Kind;
import io.gohsp.shape.SizeArithmetic.Operation;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An extent, or a whole number that extents are computed from: a coefficient times symbols, such as
 * {@code 12*batch}. What does not simplify to that becomes a symbol itself, such as {@code (N+1)};
 * equal expressions give equal symbols. Symbols stand for extents, so they are taken to be at least
 * zero. Immutable, compared by value.
 *
 * <p>Arithmetic throws {@link ArithmeticException} when a coefficient leaves 64 bits, or when the
 * result would be a formula of more than {@value #MAX_WEIGHT} parts: formulas that are squared
 * again and again would fill the memory.
 */
public final class Size {
  private static final Size[] SMALL = new Size[1026];

  static {
    for (int i = 0; i < SMALL.length; i++) {
      SMALL[i] = new Size(i - 1, List.of());
    }
  }

  public static final Size ZERO = of(0);
  public static final Size ONE = of(1);

  /** What real models compute stays below a tenth of this; see {@link #weight}. */
  static final int MAX_WEIGHT = 256;

  private final long coefficient;
  private final List<Atom> atoms; // sorted; empty if the coefficient is zero
  private final int weight;

  private Size(long coefficient, List<Atom> atoms) {
    this.coefficient = coefficient;
    this.atoms = atoms;
    this.weight = atoms.stream().mapToInt(Atom::weight).sum();
    if (weight > MAX_WEIGHT) {
      throw new ArithmeticException("an extent is a formula of more than " + MAX_WEIGHT + " parts");
    }
  }

  public static Size of(long value) {
    return value >= -1 && value < SMALL.length - 1
        ? SMALL[(int) value + 1]
        : new Size(value, List.of());
  }

  public static Size symbol(String name) {
    return new Size(1, List.of(new Atom.Symbol(name)));
  }

  /** The product of a number and atoms in any order. */
  static Size monomial(long coefficient, List<Atom> atoms) {
    if (coefficient == 0 || atoms.isEmpty()) {
      return of(coefficient);
    }
    Size product =
        new Size(coefficient, atoms.stream().filter(atom -> !isRatio(atom)).sorted().toList());
    for (Atom atom : atoms) {
      if (isRatio(atom)) {
        product = product.times(new Size(1, List.of(atom)));
      }
    }
    return product;
  }

  private static boolean isRatio(Atom atom) {
    return atom instanceof Atom.Binary binary && binary.kind() == Kind.RATIO;
  }

  private static Size opaque(Kind kind, Size left, Size right) {
    return new Size(1, List.of(Atom.Binary.of(kind, left, right)));
  }

  public boolean isKnown() {
    return atoms.isEmpty();
  }

  /** Whether this is the number {@code value}. */
  public boolean is(long value) {
    return atoms.isEmpty() && coefficient == value;
  }

  /**
   * The number.
   *
   * @throws IllegalStateException if this is symbolic
   * @throws ModelException.Malformed if this is a fraction of numbers
   */
  public long value() {
    if (!isKnown()) {
      if (exactQuotient() != null && dividend().isKnown() && divisor().isKnown()) {
        throw new ModelException.Malformed(
            Location.UNKNOWN,
            "an axis has %d/%d positions: shapes of the model contradict each other"
                .formatted(dividend().coefficient, divisor().coefficient));
      }
      throw new IllegalStateException(this + " is not a number");
    }
    return coefficient;
  }

  /**
   * How many symbols and operations it is written with, long names counting more: a measure of
   * memory and of the time that arithmetic with it takes. 0 for a number.
   */
  int weight() {
    return weight;
  }

  long coefficient() {
    return coefficient;
  }

  List<Atom> atoms() {
    return atoms;
  }

  /** Whether this is certainly not negative, given that no symbol is. */
  public boolean isNonNegative() {
    return coefficient >= 0 && atoms.stream().allMatch(Atom::isNonNegative);
  }

  /** Whether this is certainly negative or zero, given that no symbol is negative. */
  private boolean isNonPositive() {
    return coefficient <= 0 && atoms.stream().allMatch(Atom::isNonNegative);
  }

  /**
   * Whether this is certainly negative or, where symbols are zero, zero: an index that counts from
   * the end.
   */
  boolean countsFromEnd() {
    return coefficient < 0 && isNonPositive();
  }

  public Size times(Size other) {
    if (isKnown() && other.isKnown()) {
      return of(Math.multiplyExact(coefficient, other.coefficient));
    }
    if (is(1) || other.is(0)) {
      return other;
    }
    if (other.is(1) || is(0)) {
      return this;
    }
    Size dividend = dividend().plainTimes(other.dividend());
    return ratio(dividend, divisor().plainTimes(other.divisor()));
  }

  private Size plainTimes(Size other) {
    List<Atom> product = new ArrayList<>(atoms);
    product.addAll(other.atoms);
    return monomial(Math.multiplyExact(coefficient, other.coefficient), product);
  }

  /** A size with an exact quotient in it consists of that alone. */
  private Atom.@Nullable Binary exactQuotient() {
    return atoms.size() == 1 && isRatio(atoms.get(0)) ? (Atom.Binary) atoms.get(0) : null;
  }

  private Size dividend() {
    Atom.Binary ratio = exactQuotient();
    return ratio == null ? this : ratio.left();
  }

  private Size divisor() {
    Atom.Binary ratio = exactQuotient();
    return ratio == null ? ONE : ratio.right();
  }

  /** The reduced fraction; both parts are plain products. */
  private static Size ratio(Size dividend, Size divisor) {
    if (dividend.is(0) || divisor.is(1)) {
      return dividend;
    }
    long common =
        gcd(dividend.coefficient, divisor.coefficient) * (divisor.coefficient < 0 ? -1 : 1);
    List<Atom> above = new ArrayList<>(dividend.atoms);
    List<Atom> below = new ArrayList<>();
    for (Atom atom : divisor.atoms) {
      if (!above.remove(atom)) {
        below.add(atom);
      }
    }
    Size top = monomial(dividend.coefficient / common, above);
    Size bottom = monomial(divisor.coefficient / common, below);
    return bottom.is(1) ? top : opaque(Kind.RATIO, top, bottom);
  }

  /** The quotient if the division certainly leaves no remainder, else null. */
  public @Nullable Size dividedBy(Size other) {
    if (other.is(0)) {
      return null;
    }
    Size quotient =
        ratio(dividend(), divisor().plainTimes(other.dividend())).times(other.divisor());
    Size remaining = quotient.divisor();
    return remaining.is(1) || remaining.equals(divisor()) ? quotient : null;
  }

  /**
   * The quotient of a division that leaves no remainder because the model would not run otherwise;
   * null if that cannot be: two numbers that do not divide, or a division by zero.
   */
  public @Nullable Size exactlyDividedBy(Size other) {
    if (other.is(0)) {
      return null;
    }
    Size quotient =
        ratio(dividend(), divisor().plainTimes(other.dividend())).times(other.divisor());
    return quotient.dividend().isKnown()
            && quotient.divisor().isKnown()
            && !quotient.divisor().is(1)
        ? null
        : quotient;
  }

  public Size plus(Size other) {
    if (isKnown() && other.isKnown()) {
      return of(Math.addExact(coefficient, other.coefficient));
    }
    if (other.is(0)) {
      return this;
    }
    return is(0) ? other : Polynomial.of(this).plus(Polynomial.of(other)).toSize();
  }

  public Size minus(Size other) {
    return plus(other.times(of(-1)));
  }

  /**
   * The quotient, rounded down.
   *
   * @throws ArithmeticException if {@code other} is zero
   */
  public Size floorDiv(Size other) {
    if (isKnown() && other.isKnown()) {
      return of(Math.floorDiv(coefficient, other.coefficient));
    }
    Size exact = dividedBy(other);
    if (exact != null) {
      return exact;
    }
    // Terms that divide leave the rounding: floor((16*N+3)/16) is N + floor(3/16).
    Size whole = ZERO;
    Size rest = ZERO;
    for (Size term : Polynomial.of(this).terms()) {
      Size quotient = term.dividedBy(other);
      if (quotient != null) {
        whole = whole.plus(quotient);
      } else if (other.isKnown() && other.coefficient > 0 && term.isKnown()) {
        whole = whole.plus(of(Math.floorDiv(term.coefficient, other.coefficient)));
        rest = rest.plus(of(Math.floorMod(term.coefficient, other.coefficient)));
      } else {
        rest = rest.plus(term);
      }
    }
    if (rest.isKnown() && other.isKnown()) {
      return whole.plus(of(Math.floorDiv(rest.coefficient, other.coefficient)));
    }
    return whole.plus(nestedFloor(rest, other));
  }

  /** Rounding down twice by positive numbers is rounding down once by their product. */
  private static Size nestedFloor(Size left, Size right) {
    boolean nested =
        left.coefficient == 1
            && left.atoms.size() == 1
            && left.atoms.get(0) instanceof Atom.Binary inner
            && inner.kind() == Kind.FLOOR
            && inner.right().isKnown()
            && inner.right().coefficient > 0
            && right.isKnown()
            && right.coefficient > 0;
    if (!nested) {
      return opaque(Kind.FLOOR, left, right);
    }
    Atom.Binary inner = (Atom.Binary) left.atoms.get(0);
    return inner.left().floorDiv(inner.right().times(right));
  }

  /** Whether this is positive where symbols are large: a sum begins with its largest term. */
  boolean isPositiveAtLast() {
    return coefficient > 0;
  }

  /** The quotient by a positive number, rounded up. */
  public Size ceilDiv(long divisor) {
    return plus(of(divisor - 1)).floorDiv(of(divisor));
  }

  /**
   * The remainder that goes with {@link #floorDiv}.
   *
   * @throws ArithmeticException if {@code other} is zero
   */
  public Size mod(Size other) {
    if (isKnown() && other.isKnown()) {
      return of(Math.floorMod(coefficient, other.coefficient));
    }
    return dividedBy(other) != null ? ZERO : opaque(Kind.MOD, this, other);
  }

  public static Size min(Size a, Size b) {
    if (a.isAtMost(b)) {
      return a;
    }
    return b.isAtMost(a) ? b : ordered(Kind.MIN, a, b);
  }

  public static Size max(Size a, Size b) {
    if (a.isAtMost(b)) {
      return b;
    }
    return b.isAtMost(a) ? a : ordered(Kind.MAX, a, b);
  }

  /** What both have in common is common to the result: of {@code 3*a} and {@code 3*b} it is 3. */
  private static Size ordered(Kind kind, Size a, Size b) {
    List<Atom> common = new ArrayList<>(a.atoms);
    List<Atom> others = new ArrayList<>(b.atoms);
    common.removeIf(atom -> !atom.isNonNegative() || !others.remove(atom));
    Size factor = monomial(gcd(a.coefficient, b.coefficient), common);
    Size left = a.dividedBy(factor);
    Size right = b.dividedBy(factor);
    if (!factor.is(1) && left != null && right != null) {
      return (kind == Kind.MIN ? min(left, right) : max(left, right)).times(factor);
    }
    return a.toString().compareTo(b.toString()) <= 0 ? opaque(kind, a, b) : opaque(kind, b, a);
  }

  /** Whether this is certainly no more than {@code other}. */
  public boolean isAtMost(Size other) {
    if (equals(other) || other.minus(this).isNonNegative()) {
      return true;
    }
    if (other.coefficient == 1
        && other.atoms.size() == 1
        && other.atoms.get(0) instanceof Atom.Binary larger
        && larger.kind() == Kind.MAX
        && (isAtMost(larger.left()) || isAtMost(larger.right()))) {
      return true;
    }
    if (coefficient != 1 || atoms.size() != 1 || !(atoms.get(0) instanceof Atom.Binary binary)) {
      return false;
    }
    return switch (binary.kind()) {
      case MIN -> binary.left().equals(other) || binary.right().equals(other);
      case FLOOR, RATIO ->
          binary.left().isNonNegative()
              && binary.right().isKnown()
              && binary.right().coefficient > 0
              && binary.left().isAtMost(other);
      default -> false;
    };
  }

  /** The names of the symbols in it, possibly repeated. */
  public Stream<String> symbols() {
    return atoms.stream().flatMap(Atom::symbols);
  }

  /** The number that this is where the symbols have these values; empty if one of them has none. */
  public OptionalLong evaluate(Map<String, Long> symbols) {
    Long value = compute(new Numbers(symbols));
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /** What this comes to in an arithmetic; null if a symbol in it comes to nothing. */
  public <T> @Nullable T compute(SizeArithmetic<T> arithmetic) {
    if (isKnown()) {
      return arithmetic.number(coefficient);
    }
    T whole = arithmetic.known(this);
    if (whole != null) {
      return whole;
    }
    T product = coefficient == 1 ? null : arithmetic.number(coefficient);
    for (Atom atom : atoms) {
      Size single = monomial(1, List.of(atom));
      T factor = single.equals(this) ? null : arithmetic.known(single);
      factor = factor == null ? atom.compute(arithmetic) : factor;
      if (factor == null) {
        return null;
      }
      product = product == null ? factor : arithmetic.combine(Operation.TIMES, product, factor);
    }
    return product;
  }

  /** The arithmetic of one run. */
  private record Numbers(Map<String, Long> symbols) implements SizeArithmetic<Long> {
    @Override
    public Long number(long value) {
      return value;
    }

    @Override
    public @Nullable Long known(Size part) {
      boolean symbol =
          part.coefficient == 1
              && part.atoms.size() == 1
              && part.atoms.get(0) instanceof Atom.Symbol;
      return symbol ? symbols.get(part.toString()) : null;
    }

    @Override
    public @Nullable Long combine(Operation operation, Long a, Long b) {
      boolean undefined = b == 0 && (operation == Operation.FLOOR || operation == Operation.MOD);
      return undefined
          ? null
          : switch (operation) {
            case PLUS -> Long.valueOf(a + b);
            case TIMES -> Long.valueOf(a * b);
            case FLOOR -> Long.valueOf(Math.floorDiv(a, b));
            case MOD -> Long.valueOf(Math.floorMod(a, b));
            case MIN -> Long.valueOf(Math.min(a, b));
            case MAX -> Long.valueOf(Math.max(a, b));
          };
    }
  }

  static long gcd(long a, long b) {
    return BigInteger.valueOf(a).gcd(BigInteger.valueOf(b)).longValueExact();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Size that
            && coefficient == that.coefficient
            && atoms.equals(that.atoms));
  }

  @Override
  public int hashCode() {
    return Long.hashCode(coefficient) * 31 + atoms.hashCode();
  }

  /** For instance {@code 12*batch*(N+1)}. */
  @Override
  public String toString() {
    if (isKnown()) {
      return Long.toString(coefficient);
    }
    String product = atoms.stream().map(Atom::text).collect(Collectors.joining("*"));
    return coefficient == 1 ? product : (coefficient == -1 ? "-" : coefficient + "*") + product;
  }
}
