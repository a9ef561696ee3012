package io.gohsp.verify;

import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One output over all samples, reference against candidate.
 *
 * <p>Each place (all indices but that of the example) has a scale of its own: how far the reference
 * ranges there over the examples. So neither what is large somewhere else counts, nor what all
 * examples have in common: suppressed classes, outlier channels, one large logit, pixels beside
 * scores. Places that happen to vary little have at least a tenth of what is usual for their
 * channel: of the medians along each axis, the least. Two things bound what can be told at all: the
 * last bits of a number of that size ({@link #LAST_BITS}), and how far runs of the reference are
 * apart that differ in rounding only ({@link Rounding}), which is measured where the first look
 * fails.
 *
 * <p>Whole numbers and truth values are decisions and must be equal, but for those that the
 * reference's own rounding turns.
 */
final class OutputComparison {
  /** A sum of the same few terms in another order ends within so many neighbouring numbers. */
  private static final double LAST_BITS = 4;

  /** Of what is usual for its channel, the least scale of an element. */
  private static final double LEAST = 0.1;

  /** How many times the largest rounding seen in few runs may be exceeded in another. */
  private static final double MARGIN = 4;

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

  private final String label;
  private final ElementGrid low = new ElementGrid(Float.MAX_VALUE);
  private final ElementGrid high = new ElementGrid(-Float.MAX_VALUE);
  private final ElementGrid error = new ElementGrid(0);
  private final ElementGrid noise = new ElementGrid(0);
  private ElementType type = ElementType.UNDEFINED;
  private long examples;
  private boolean informative;
  private boolean nan;
  private boolean rounded;
  private @Nullable String problem;
  private String difference = "";

  /**
   * @param label what messages call it
   */
  OutputComparison(String label) {
    this.label = label;
  }

  /** Takes one sample. */
  void add(HostTensor reference, HostTensor candidate) {
    if (reference.type() != candidate.type()
        || !Arrays.equals(reference.dims(), candidate.dims())) {
      fail("is " + candidate + " instead of " + reference);
    } else if (reference.type() == ElementType.STRING) {
      informative |= !reference.texts().isEmpty();
      if (!reference.texts().equals(candidate.texts())) {
        fail("has other texts");
      }
    } else {
      double[] expected = reference.doubles();
      range(reference, expected);
      compare(expected, candidate.doubles(), reference.dims());
    }
  }

  private void compare(double[] expected, double[] actual, long[] dims) {
    int[] places = ElementGrid.places(dims);
    int size = ElementGrid.size(places);
    for (int i = 0; i < expected.length; i++) {
      boolean finite = Double.isFinite(expected[i]) && Double.isFinite(actual[i]);
      if (!finite && Double.compare(expected[i], actual[i]) != 0) {
        fail("has " + actual[i] + " at element " + i + " where " + expected[i] + " belongs");
        return;
      }
      double off = finite ? Math.abs(expected[i] - actual[i]) : 0;
      if (off > 0) {
        int place = error.place(i % size, places);
        if (off > error.get(place)) {
          error.raise(place, off);
        }
        if (difference.isEmpty()) {
          difference =
              "at element %d, %s instead of %s".formatted(i, text(actual[i]), text(expected[i]));
        }
      }
    }
  }

  /** Takes one more sample of the reference, to see how far it ranges. */
  void addReference(HostTensor reference) {
    if (reference.type() != ElementType.STRING) {
      range(reference, reference.doubles());
    }
  }

  private void range(HostTensor reference, double[] numbers) {
    type = reference.type();
    long[] dims = reference.dims();
    int[] places = ElementGrid.places(dims);
    low.growTo(places);
    high.growTo(places);
    error.growTo(places);
    noise.growTo(places);
    examples += dims.length == 0 ? 1 : dims[0];
    int size = ElementGrid.size(places);
    for (int i = 0; i < numbers.length; i++) {
      nan |= Double.isNaN(numbers[i]);
      if (Double.isFinite(numbers[i])) {
        informative = true;
        int place = low.place(i % size, places);
        low.lower(place, numbers[i]);
        high.raise(place, numbers[i]);
      }
    }
  }

  /** Takes a run of the reference that differs in rounding only. */
  void addRounded(HostTensor reference, HostTensor other) {
    if (reference.type() != other.type()
        || reference.type() == ElementType.STRING
        || !Arrays.equals(reference.dims(), other.dims())) {
      return;
    }
    rounded = true;
    double[] expected = reference.doubles();
    double[] actual = other.doubles();
    int[] places = ElementGrid.places(reference.dims());
    int size = ElementGrid.size(places);
    for (int i = 0; i < expected.length; i++) {
      double off = Math.abs(expected[i] - actual[i]);
      if (off > 0 && Double.isFinite(off)) {
        noise.raise(noise.place(i % size, places), off);
      }
    }
  }

  private void fail(String what) {
    if (problem == null) {
      problem = what;
    }
  }

  String label() {
    return label;
  }

  /** Examples by which scales are measured. */
  long examples() {
    return examples;
  }

  /** Whether anything was compared that could differ: a number that is finite, or a text. */
  boolean isInformative() {
    return informative;
  }

  /** Whether the reference answers NaN and never a number. */
  boolean isOnlyNaN() {
    return nan && !informative;
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
    double[] scales = scales();
    double[] rounding = new double[scales.length];
    Worst strict = worst(scales, rounding, tolerance);
    if (strict.passed()) {
      return strict;
    }
    double[] usual = Groups.leastAlongAxes(scales, error.dims(), Groups::median);
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Double.isNaN(scales[i]) ? 0 : Math.max(scales[i], LEAST * usual[i]);
    }
    return worst(scales, rounded ? rounding(scales) : rounding, tolerance);
  }

  private double[] scales() {
    double[] ranges = new double[error.size()];
    for (int i = 0; i < ranges.length; i++) {
      ranges[i] = low.get(i) > high.get(i) ? Double.NaN : range(i);
    }
    return ranges;
  }

  /** How far the reference ranges at a place. */
  private double range(int place) {
    return Math.max(0, high.get(place) - low.get(place));
  }

  private double lastBits(int place) {
    return LAST_BITS * Ulp.of(type, magnitude(place));
  }

  private double magnitude(int place) {
    return low.get(place) > high.get(place)
        ? 0
        : Math.max(Math.abs(low.get(place)), Math.abs(high.get(place)));
  }

  /**
   * What the reference's rounding may do to each element: what it did there, or to its scale the
   * most that it did to others of the same channel.
   */
  private double[] rounding(double[] scales) {
    double[] relative = new double[scales.length];
    for (int i = 0; i < relative.length; i++) {
      relative[i] = scales[i] > 0 ? noise.get(i) / scales[i] : Double.NaN;
    }
    double[] allowed = Groups.leastAlongAxes(relative, error.dims(), Groups::largest);
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] = MARGIN * Math.max(allowed[i] * scales[i], noise.get(i));
    }
    return allowed;
  }

  /**
   * @param rounding what the reference's own rounding allows, for each element
   */
  private Worst worst(double[] scales, double[] rounding, Tolerance tolerance) {
    double base = type.isFloating() ? tolerance.relative() : 0;
    Worst worst = new Worst(0, 0, tolerance.relative(), tolerance.name(), -1);
    for (int i = 0; i < scales.length; i++) {
      double off = error.get(i);
      if (off == 0) {
        continue;
      }
      double bits = lastBits(i);
      double allowed = Math.max(Math.max(base * scales[i], bits), rounding[i]);
      double excess = off / allowed; // infinite where nothing is allowed
      if (excess > worst.excess()) {
        double scale = scales[i] > 0 ? scales[i] : magnitude(i);
        String decided =
            allowed <= base * scales[i]
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
    if (!type.isFloating()) {
      return "differs in whole numbers, first "
          + difference
          + "; if it is an arg-max, near-ties can cause that: compare what it chooses from";
    }
    if (range(worst.place()) == 0) {
      return "differs at %s: by %s where it is always %s"
          .formatted(
              index(worst.place()),
              text((float) error.get(worst.place())),
              text((float) low.get(worst.place())));
    }
    return String.format(
        Locale.ROOT,
        "differs by %.2e of its scale at %s: by %s where it ranges from %s to %s",
        worst.relative(),
        index(worst.place()),
        text((float) error.get(worst.place())),
        text((float) low.get(worst.place())),
        text((float) high.get(worst.place())));
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
