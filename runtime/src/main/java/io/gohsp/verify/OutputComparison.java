package io.gohsp.verify;

import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One output of one sample, reference against candidate.
 *
 * @param absolute the largest difference
 * @param relative the largest difference by the largest finite magnitude of the reference
 * @param informative whether anything was compared that could differ: a number that is finite, or a
 *     text
 * @param problem what is wrong, or null
 */
record OutputComparison(
    double absolute, double relative, boolean informative, @Nullable String problem) {

  static OutputComparison of(HostTensor reference, HostTensor candidate, Tolerance tolerance) {
    if (reference.type() != candidate.type()
        || !Arrays.equals(reference.dims(), candidate.dims())) {
      return failed("is " + candidate + " instead of " + reference);
    }
    if (reference.type() == ElementType.STRING) {
      return reference.texts().equals(candidate.texts())
          ? new OutputComparison(0, 0, !reference.texts().isEmpty(), null)
          : failed("has other texts");
    }
    return numbers(reference, candidate, tolerance);
  }

  private static OutputComparison failed(String problem) {
    return new OutputComparison(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, true, problem);
  }

  private static OutputComparison numbers(
      HostTensor reference, HostTensor candidate, Tolerance tolerance) {
    double[] expected = reference.doubles();
    double[] actual = candidate.doubles();
    double scale = 0;
    double absolute = 0;
    boolean informative = false;
    int worst = 0;
    int different = 0;
    for (int i = 0; i < expected.length; i++) {
      if (!Double.isFinite(expected[i]) || !Double.isFinite(actual[i])) {
        if (Double.compare(expected[i], actual[i]) != 0) {
          return failed(
              "has " + actual[i] + " at element " + i + " where " + expected[i] + " belongs");
        }
        continue;
      }
      informative = true;
      scale = Math.max(scale, Math.abs(expected[i]));
      double error = Math.abs(expected[i] - actual[i]);
      different += error > 0 ? 1 : 0;
      if (error > absolute) {
        absolute = error;
        worst = i;
      }
    }
    double relative =
        absolute == 0 ? 0 : absolute / scale; // infinite if the reference is all zeros
    boolean exact = !reference.type().isFloating() && !mayRound(reference.type(), tolerance);
    boolean passed = exact ? different == 0 : relative <= tolerance.relative();
    return new OutputComparison(
        absolute,
        relative,
        informative,
        passed ? null : describe(expected, actual, worst, different, relative, exact));
  }

  /**
   * 8-bit outputs of quantised models are activations; all other whole numbers are decisions, which
   * must be equal.
   */
  private static boolean mayRound(ElementType type, Tolerance tolerance) {
    return (type == ElementType.UINT8 || type == ElementType.INT8)
        && tolerance.relative() >= Tolerance.QUANTIZED.relative();
  }

  private static String describe(
      double[] expected,
      double[] actual,
      int worst,
      int different,
      double relative,
      boolean exact) {
    return exact
        ? String.format(
            Locale.ROOT,
            "differs in %d of %d whole numbers, the first of the largest differences at element %d (%s"
                + " instead of %s); if it is an arg-max, near-ties can cause that: compare what it"
                + " chooses from",
            different,
            expected.length,
            worst,
            text(actual[worst]),
            text(expected[worst]))
        : String.format(
            Locale.ROOT,
            "differs by %.2e of its scale, at element %d (%s instead of %s)",
            relative,
            worst,
            text(actual[worst]),
            text(expected[worst]));
  }

  private static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Float.toString((float) value);
  }
}
