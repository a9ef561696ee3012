package io.gohsp.shape;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A sum of products, multiplied out, so that terms can cancel. What {@link Size} adds with. */
final class Polynomial {
  /**
   * Beyond this many terms, sums are not multiplied out any more; they still add up, only cancel
   * less.
   */
  private static final int MAX_TERMS = 64;

  private static final Comparator<Size> BY_DEGREE_THEN_TEXT =
      Comparator.<Size>comparingInt(term -> -term.atoms().size()).thenComparing(Size::toString);

  private final Map<List<Atom>, Long> coefficients = new LinkedHashMap<>();

  static Polynomial of(Size size) {
    Polynomial result = new Polynomial();
    result.add(List.of(), size.coefficient());
    for (Atom atom : size.atoms()) {
      boolean multiplyOut =
          atom instanceof Atom.Sum sum
              && sum.terms().size() * result.coefficients.size() <= MAX_TERMS;
      result =
          result.times(
              multiplyOut ? ((Atom.Sum) atom).terms() : List.of(Size.monomial(1, List.of(atom))));
    }
    return result;
  }

  private Polynomial times(List<Size> terms) {
    Polynomial product = new Polynomial();
    coefficients.forEach(
        (atoms, coefficient) ->
            terms.forEach(
                term -> {
                  List<Atom> both = new ArrayList<>(atoms);
                  both.addAll(term.atoms());
                  product.add(both, Math.multiplyExact(coefficient, term.coefficient()));
                }));
    return product;
  }

  Polynomial plus(Polynomial other) {
    Polynomial sum = new Polynomial();
    coefficients.forEach(sum::add);
    other.coefficients.forEach(sum::add);
    return sum;
  }

  private void add(List<Atom> atoms, long coefficient) {
    Size term = Size.monomial(coefficient, atoms);
    coefficients.merge(term.atoms(), term.coefficient(), Math::addExact);
  }

  /** The terms that are not zero, by falling degree; the constant is last. */
  List<Size> terms() {
    return coefficients.entrySet().stream()
        .filter(entry -> entry.getValue() != 0)
        .map(entry -> Size.monomial(entry.getValue(), entry.getKey()))
        .sorted(BY_DEGREE_THEN_TEXT)
        .toList();
  }

  /**
   * The common factor times the rest, which is one atom; the first term of that atom is positive.
   */
  Size toSize() {
    List<Size> terms = terms();
    if (terms.size() < 2) {
      return terms.isEmpty() ? Size.ZERO : terms.get(0);
    }
    long divisor = 0;
    List<Atom> common = new ArrayList<>(terms.get(0).atoms());
    for (Size term : terms) {
      divisor = Size.gcd(divisor, term.coefficient());
      List<Atom> left = new ArrayList<>(term.atoms());
      common.removeIf(atom -> !left.remove(atom));
    }
    if (terms.get(0).coefficient() < 0) {
      divisor = -divisor;
    }
    List<Size> reduced = new ArrayList<>();
    for (Size term : terms) {
      List<Atom> atoms = new ArrayList<>(term.atoms());
      common.forEach(atoms::remove);
      reduced.add(Size.monomial(term.coefficient() / divisor, atoms));
    }
    List<Atom> product = new ArrayList<>(common);
    product.add(Atom.Sum.of(reduced));
    return Size.monomial(divisor, product);
  }
}
