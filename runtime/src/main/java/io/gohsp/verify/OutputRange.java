package io.gohsp.verify;

import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What the reference says at each place of one output: how far it ranges there over all samples,
 * and how far rounding alone moves it.
 */
final class OutputRange {
  /** A sum of the same few terms in another order ends within so many neighbouring numbers. */
  private static final double LAST_BITS = 4;

  /** Of what is usual for its channel, the least scale of an element. */
  private static final double LEAST = 0.1;

  /** How many times the largest rounding seen in few runs may be exceeded in another. */
  private static final double MARGIN = 4;

  private final String label;
  private final ElementGrid low;
  private final ElementGrid high;
  private final ElementGrid noise;
  private ElementType type = ElementType.UNDEFINED;
  private int rank = -1;
  private long examples;
  private boolean informative;
  private boolean nan;
  private boolean rounded;

  /**
   * @param label what messages call the output
   */
  OutputRange(String label) {
    this.label = label;
    this.low = new ElementGrid(Float.MAX_VALUE);
    this.high = new ElementGrid(-Float.MAX_VALUE);
    this.noise = new ElementGrid(0);
  }

  /** What was seen so far, to which others than to {@code other} are added. */
  OutputRange(OutputRange other) {
    this.label = other.label;
    this.low = new ElementGrid(other.low);
    this.high = new ElementGrid(other.high);
    this.noise = new ElementGrid(other.noise);
    this.type = other.type;
    this.rank = other.rank;
    this.examples = other.examples;
    this.informative = other.informative;
    this.nan = other.nan;
    this.rounded = other.rounded;
  }

  /** Whether what was seen so far has more or fewer axes. */
  boolean isOfOtherRank(HostTensor tensor) {
    return rank >= 0 && rank != tensor.dims().length;
  }

  /** Takes one sample, of the same rank as all before. */
  void add(HostTensor reference) {
    type = reference.type();
    long[] dims = reference.dims();
    rank = dims.length;
    examples += dims.length == 0 ? 1 : dims[0];
    if (type == ElementType.STRING) {
      informative |= !reference.texts().isEmpty();
      return;
    }
    int[] places = ElementGrid.places(dims);
    low.growTo(places);
    high.growTo(places);
    noise.growTo(places);
    int[] at = low.places(places);
    IntToDoubleFunction numbers = reference.elements();
    int size = reference.size();
    for (int i = 0, place = 0; i < size; i++, place = place + 1 == at.length ? 0 : place + 1) {
      double number = numbers.applyAsDouble(i);
      if (Double.isFinite(number)) {
        informative = true;
        low.lower(at[place], number);
        high.raise(at[place], number);
      } else {
        nan |= Double.isNaN(number);
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
    IntToDoubleFunction expected = reference.elements();
    IntToDoubleFunction actual = other.elements();
    int[] at = noise.places(ElementGrid.places(reference.dims()));
    int size = reference.size();
    for (int i = 0, place = 0; i < size; i++, place = place + 1 == at.length ? 0 : place + 1) {
      double off = Math.abs(expected.applyAsDouble(i) - actual.applyAsDouble(i));
      if (off > 0 && Double.isFinite(off)) {
        noise.raise(at[place], off);
      }
    }
  }

  String label() {
    return label;
  }

  ElementType type() {
    return type;
  }

  /** Extents of the places seen. */
  int[] dims() {
    return low.dims();
  }

  /** Examples that were seen. */
  long examples() {
    return examples;
  }

  /** Whether there was anything that could differ: a number that is finite, or a text. */
  boolean isInformative() {
    return informative;
  }

  /** Whether there was NaN and never a number. */
  boolean isOnlyNaN() {
    return nan && !informative;
  }

  /** How many places answered NaN, or infinity, whenever they were asked; 0 if none was NaN. */
  int placesWithoutNumber() {
    return nan ? (int) IntStream.range(0, low.size()).filter(place -> !isSeen(place)).count() : 0;
  }

  /** Whether rounding was measured. */
  boolean isRounded() {
    return rounded;
  }

  /** Whether a number was seen at a place. */
  boolean isSeen(int place) {
    return low.get(place) <= high.get(place);
  }

  double low(int place) {
    return low.get(place);
  }

  double high(int place) {
    return high.get(place);
  }

  /** How far it ranges at a place; 0 where nothing was seen. */
  double range(int place) {
    return Math.max(0, high.get(place) - low.get(place));
  }

  /** What neighbouring numbers of the type allow at a place. */
  double lastBits(int place) {
    return LAST_BITS * Ulp.of(type, magnitude(place));
  }

  /** Its largest size at a place. */
  double magnitude(int place) {
    return isSeen(place) ? Math.max(Math.abs(low.get(place)), Math.abs(high.get(place))) : 0;
  }

  /** The scale of every place: its range, and a part of what is usual for its channel at least. */
  double[] scales() {
    double[] scales = new double[low.size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = isSeen(i) ? range(i) : Double.NaN;
    }
    double[] usual = Groups.leastAlongAxes(scales, dims(), Groups::median);
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Double.isNaN(scales[i]) ? 0 : Math.max(scales[i], LEAST * usual[i]);
    }
    return scales;
  }

  /**
   * What the reference's rounding may do to each element: what it did there, or to its scale the
   * most that it did to others of the same channel.
   */
  double[] rounding(double[] scales) {
    double[] relative = new double[scales.length];
    for (int i = 0; i < relative.length; i++) {
      relative[i] = scales[i] > 0 ? noise.get(i) / scales[i] : Double.NaN;
    }
    double[] allowed = Groups.leastAlongAxes(relative, dims(), Groups::largest);
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] = MARGIN * Math.max(allowed[i] * scales[i], noise.get(i));
    }
    return allowed;
  }
}
