package io.gohsp.verify;

import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One output over all samples, reference against candidate.
 *
 * <p>Each place (all indices but that of the example) has a scale of its own: how far the reference
 * ranges there over the examples. So neither what is large somewhere else counts, nor what all
 * examples have in common: suppressed classes, outlier channels, one large logit, pixels beside
 * scores. Places that happen to vary little have at least a tenth of what is usual for their
 * channel: of the medians along each axis, the least. Two things bound what can be told at all: the
 * last bits of a number of that size, and how far runs of the reference are apart that differ in
 * rounding only ({@link Rounding}), which is measured where the first look fails.
 *
 * <p>Whole numbers and truth values are decisions and must be equal, but for those that the
 * reference's own rounding turns.
 */
final class OutputComparison {
  /**
   * How it stands.
   *
   * @param excess the largest difference by what is allowed there; passes up to 1
   * @param relative that difference by the element's scale; by its size where it is constant
   * @param allowed what it might be
   * @param decided what decided that: the {@link Tolerance}'s name
   * @param place of it, -1 if nothing differs
   */
  record Worst(double excess, double relative, double allowed, String decided, int place) {
    boolean passed() {
      return excess <= 1;
    }
  }

  private final String name;
  private final OutputRange reference;
  private final ElementGrid error = new ElementGrid(0);
  private @Nullable String problem;
  private String difference = "";

  /**
   * @param name of the output
   * @param reference of all samples, before the comparison is judged
   */
  OutputComparison(String name, OutputRange reference) {
    this.name = name;
    this.reference = reference;
  }

  /** Takes one sample. */
  void add(HostTensor expected, HostTensor actual) {
    if (expected.type() != actual.type() || !Arrays.equals(expected.dims(), actual.dims())) {
      fail("is " + actual + " instead of " + expected);
    } else if (expected.type() == ElementType.STRING) {
      if (!expected.texts().equals(actual.texts())) {
        fail("has other texts");
      }
    } else {
      compare(expected, actual);
    }
  }

  private void compare(HostTensor expected, HostTensor actual) {
    error.growTo(reference.dims());
    int[] at = error.places(ElementGrid.places(expected.dims()));
    IntToDoubleFunction wanted = expected.elements();
    IntToDoubleFunction had = actual.elements();
    int size = expected.size();
    for (int i = 0, place = 0; i < size; i++, place = place + 1 == at.length ? 0 : place + 1) {
      double want = wanted.applyAsDouble(i);
      double have = had.applyAsDouble(i);
      double off = Math.abs(want - have);
      if (off > 0 && Double.isFinite(off)) {
        error.raise(at[place], off);
        if (difference.isEmpty()) {
          difference = "at element %d, %s instead of %s".formatted(i, text(have), text(want));
        }
      } else if (off != 0 && Double.compare(want, have) != 0) {
        fail("has " + have + " at element " + i + " where " + want + " belongs");
        return;
      }
    }
  }

  private void fail(String what) {
    if (problem == null) {
      problem = what;
    }
  }

  String name() {
    return name;
  }

  OutputRange reference() {
    return reference;
  }

  /** Whether something differs that no tolerance covers. */
  boolean hasProblem() {
    return problem != null;
  }

  /** The largest difference of two elements. */
  double absolute() {
    if (problem != null) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    for (int place = 0; place < error.size(); place++) {
      largest = Math.max(largest, error.get(place));
    }
    return largest;
  }

  /** Judges what was taken so far. */
  Worst worst(Tolerance tolerance) {
    if (problem != null) {
      return new Worst(
          Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, tolerance.relative(), "", -1);
    }
    error.growTo(reference.dims());
    Worst strict = worst(reference::range, place -> 0, tolerance);
    if (strict.passed()) {
      return strict;
    }
    double[] scales = reference.scales();
    double[] rounding = reference.isRounded() ? reference.rounding(scales) : null;
    return worst(
        place -> scales[place], place -> rounding == null ? 0 : rounding[place], tolerance);
  }

  /**
   * @param rounding what the reference's own rounding allows, for each place
   */
  private Worst worst(
      IntToDoubleFunction scales, IntToDoubleFunction rounding, Tolerance tolerance) {
    double base = reference.type().isFloating() ? tolerance.relative() : 0;
    Worst worst = new Worst(0, 0, tolerance.relative(), tolerance.name(), -1);
    for (int i = 0; i < error.size(); i++) {
      double off = error.get(i);
      if (off == 0) {
        continue;
      }
      double ranges = scales.applyAsDouble(i);
      double bits = reference.lastBits(i);
      double allowed = Math.max(Math.max(base * ranges, bits), rounding.applyAsDouble(i));
      double excess = off / allowed; // infinite where nothing is allowed
      if (excess > worst.excess()) {
        double scale = ranges > 0 ? ranges : reference.magnitude(i);
        String decided =
            allowed <= base * ranges
                ? tolerance.name()
                : allowed <= bits ? Tolerance.LAST_BITS : Tolerance.MEASURED;
        worst = new Worst(excess, off / scale, scale == 0 ? 0 : allowed / scale, decided, i);
      }
    }
    return worst;
  }

  /** What is wrong, as the end of a sentence that starts with the output's name. */
  String describe(Worst worst) {
    if (problem != null) {
      return problem;
    }
    if (!reference.type().isFloating()) {
      return "differs in whole numbers, first "
          + difference
          + "; if it is an arg-max, near-ties can cause that: compare what it chooses from";
    }
    if (reference.range(worst.place()) == 0) {
      return "differs at %s: by %s where it is always %s"
          .formatted(
              index(worst.place()),
              text((float) error.get(worst.place())),
              text((float) reference.low(worst.place())));
    }
    return String.format(
        Locale.ROOT,
        "differs by %.2e of its scale at %s: by %s where it ranges from %s to %s",
        worst.relative(),
        index(worst.place()),
        text((float) error.get(worst.place())),
        text((float) reference.low(worst.place())),
        text((float) reference.high(worst.place())));
  }

  /** As [*, 3, 7]: any example, then the indices. */
  private String index(int place) {
    int[] dims = error.dims();
    String[] at = new String[dims.length + 1];
    at[0] = "*";
    int rest = place;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      at[axis + 1] = Integer.toString(rest % dims[axis]);
      rest /= dims[axis];
    }
    return "[" + String.join(", ", at) + "]";
  }

  private static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Float.toString((float) value);
  }
}
