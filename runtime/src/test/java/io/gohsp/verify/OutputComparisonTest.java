package io.gohsp.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import io.gohsp.verify.OutputComparison.Worst;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputComparisonTest {
  private static final int EXAMPLES = 6;

  /** Six examples of so many standard normal numbers. */
  private static float[] normal(int places) {
    Random random = new Random(places);
    float[] numbers = new float[EXAMPLES * places];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static HostTensor tensor(float[] numbers, long... places) {
    long[] dims = new long[places.length + 1];
    dims[0] = EXAMPLES;
    System.arraycopy(places, 0, dims, 1, places.length);
    return HostTensor.ofFloats(dims, numbers);
  }

  private static OutputRange range(HostTensor reference) {
    OutputRange range = new OutputRange("output \"y\"");
    range.add(reference);
    return range;
  }

  private static OutputComparison compared(HostTensor reference, HostTensor candidate) {
    return compared(range(reference), reference, candidate);
  }

  private static OutputComparison compared(
      OutputRange range, HostTensor reference, HostTensor candidate) {
    OutputComparison output = new OutputComparison("y", range);
    output.add(reference, candidate);
    return output;
  }

  private static Worst compare(HostTensor reference, HostTensor candidate) {
    return compared(reference, candidate).worst(Tolerance.STANDARD);
  }

  private static String problem(HostTensor reference, HostTensor candidate) {
    OutputComparison output = compared(reference, candidate);
    Worst worst = output.worst(Tolerance.STANDARD);
    assertThat(worst.passed()).isFalse();
    return output.describe(worst);
  }

  @Test
  void errorsAreMeasuredAgainstHowFarAnElementRanges() {
    HostTensor reference = tensor(new float[] {0, 1, 2, 3, 4, 8});
    HostTensor candidate = tensor(new float[] {0, 1, 2, 3.0004f, 4, 8});
    Worst worst = compare(reference, candidate);
    assertThat(worst.relative()).isCloseTo(5e-5, within(1e-7));
    assertThat(worst.passed()).isTrue();
    assertThat(problem(reference, tensor(new float[] {0, 1, 2, 3.0016f, 4, 8})))
        .isEqualTo(
            "differs by 2.00e-04 of its scale at [*]: by 0.0016000271 where it ranges from 0 to 8");
  }

  /** Classes that are never chosen, one logit that always is, pixels beside scores. */
  @ParameterizedTest
  @ValueSource(floats = {-1e4f, 1e5f, -1e30f, -Float.MAX_VALUE})
  void whatIsLargeElsewhereHidesNothing(float large) {
    float[] reference = normal(10);
    for (int i = 0; i < reference.length; i += 10) {
      reference[i + 3] = large;
      reference[i + 4] = large / 2 + reference[i + 4];
    }
    float[] candidate = reference.clone();
    candidate[7] += 1e-2f;
    assertThat(compare(tensor(reference, 10), tensor(reference, 10)).passed()).isTrue();
    assertThat(problem(tensor(reference, 10), tensor(candidate, 10))).contains("at [*, 7]");
  }

  /** The same where classes, tokens or channels are another axis than the last. */
  @Test
  void outliersAlongAnyAxisHideNothing() {
    float[] reference = normal(5 * 7);
    for (int i = 0; i < reference.length; i++) {
      int row = i / 7 % 5;
      reference[i] *= row < 4 ? 1e5f : 1; // four boxes in pixels, then a score
    }
    float[] candidate = reference.clone();
    candidate[4 * 7 + 2] += 1e-2f;
    assertThat(problem(tensor(reference, 5, 7), tensor(candidate, 5, 7))).contains("at [*, 4, 2]");
  }

  /** What an element happens not to vary by is no reason to refuse what is usual in its channel. */
  @Test
  void anElementThatHardlyVariesHasTheScaleOfItsChannel() {
    float[] reference = normal(5 * 7);
    for (int i = 0; i < reference.length; i += 35) {
      reference[i + 8] = 0;
    }
    float[] candidate = reference.clone();
    candidate[8] = 1e-6f;
    assertThat(compare(tensor(reference, 5, 7), tensor(candidate, 5, 7)).passed()).isTrue();
    candidate[8] = 1e-3f;
    assertThat(compare(tensor(reference, 5, 7), tensor(candidate, 5, 7)).passed()).isFalse();
  }

  /** A constant may move by the last bits of a number of its size, and no more. */
  @Test
  void constantsAreHeldToTheirLastBits() {
    float[] reference = new float[EXAMPLES];
    java.util.Arrays.fill(reference, 1000);
    float[] candidate = reference.clone();
    candidate[2] = 1000 + 3 * Math.ulp(1000f);
    assertThat(compare(tensor(reference), tensor(candidate)).passed()).isTrue();
    candidate[2] = 1000 + 6 * Math.ulp(1000f);
    assertThat(compare(tensor(reference), tensor(candidate)).passed()).isFalse();
    assertThat(problem(tensor(new float[EXAMPLES]), tensor(new float[] {0, 0, 1e-9f, 0, 0, 0})))
        .isEqualTo("differs at [*]: by 1.0E-9 where it is always 0");
  }

  @Test
  void samplesOfOtherLengthsShareTheirPlaces() {
    float[] shorter = normal(2 * 3);
    float[] longer = normal(4 * 3);
    OutputRange range = range(tensor(shorter, 2, 3));
    range.add(tensor(longer, 4, 3));
    OutputComparison output = new OutputComparison("y", range);
    output.add(tensor(longer, 4, 3), tensor(longer, 4, 3));
    assertThat(range.examples()).isEqualTo(2 * EXAMPLES);
    float[] wrong = shorter.clone();
    wrong[5] += 1;
    output.add(tensor(shorter, 2, 3), tensor(wrong, 2, 3));
    assertThat(output.describe(output.worst(Tolerance.STANDARD))).contains("[*, 1, 2]");
  }

  @Test
  void roundingOfTheReferenceIsAllowedAndNoMore() {
    float[] reference = normal(4 * 5);
    float[] rounded = reference.clone();
    float[] candidate = reference.clone();
    for (int i = 0; i < reference.length; i++) {
      rounded[i] += i % 2 == 0 ? 1e-2f : -1e-2f;
    }
    candidate[7] += 3e-2f;
    OutputRange range = range(tensor(reference, 4, 5));
    OutputComparison output = compared(range, tensor(reference, 4, 5), tensor(candidate, 4, 5));
    assertThat(output.worst(Tolerance.STANDARD).passed()).isFalse();
    range.addRounded(tensor(reference, 4, 5), tensor(rounded, 4, 5));
    Worst worst = output.worst(Tolerance.STANDARD);
    assertThat(worst.passed()).isTrue();
    assertThat(worst.decided()).isEqualTo(Tolerance.MEASURED);
    candidate[7] += 1;
    OutputComparison wrong = compared(range, tensor(reference, 4, 5), tensor(candidate, 4, 5));
    assertThat(wrong.worst(Tolerance.STANDARD).passed()).isFalse();
  }

  @Test
  void notANumberAndInfinityMustBeWhereTheyBelong() {
    float nan = Float.NaN;
    float inf = Float.POSITIVE_INFINITY;
    HostTensor same = tensor(new float[] {nan, inf, 1, 2, 3, 4});
    assertThat(compare(same, same).passed()).isTrue();
    HostTensor whole = tensor(new float[] {1, 1, 1, 2, 3, 4});
    assertThat(problem(same, whole)).isEqualTo("has 1.0 at element 0 where NaN belongs");
    assertThat(problem(whole, same)).isEqualTo("has NaN at element 0 where 1.0 belongs");
  }

  @Test
  void nothingButNotANumberIsNoEvidence() {
    float[] nans = new float[EXAMPLES];
    java.util.Arrays.fill(nans, Float.NaN);
    assertThat(range(tensor(nans)).isInformative()).isFalse();
    assertThat(range(tensor(nans)).isOnlyNaN()).isTrue();
    float[] zeros = new float[EXAMPLES];
    assertThat(range(tensor(zeros)).isInformative()).isTrue();
  }

  @Test
  void wholeNumbersMustBeEqual() {
    HostTensor reference = HostTensor.ofIntegers(ElementType.INT64, new long[] {3}, 7, 900, 2);
    HostTensor candidate = HostTensor.ofIntegers(ElementType.INT64, new long[] {3}, 7, 901, 2);
    assertThat(compare(reference, reference).passed()).isTrue();
    assertThat(problem(reference, candidate))
        .startsWith("differs in whole numbers")
        .contains("at element 1, 901 instead of 900", "arg-max");
  }

  /** Where rounding turns a decision of the reference itself, no one can ask for it. */
  @Test
  void decisionsThatRoundingTurnsMayTurn() {
    HostTensor reference = HostTensor.ofIntegers(ElementType.INT64, new long[] {3}, 7, 900, 2);
    HostTensor candidate = HostTensor.ofIntegers(ElementType.INT64, new long[] {3}, 7, 901, 2);
    OutputRange range = range(reference);
    range.addRounded(reference, candidate);
    OutputComparison output = compared(range, reference, candidate);
    assertThat(output.worst(Tolerance.STANDARD).passed()).isTrue();
  }

  @Test
  void shapeTypeAndTextsCount() {
    HostTensor row = HostTensor.ofFloats(new long[] {1, 2}, 1, 2);
    HostTensor two = HostTensor.ofFloats(new long[] {2}, 1, 2);
    assertThat(problem(two, row)).isEqualTo("is FLOAT[1, 2] instead of FLOAT[2]");
    HostTensor a = HostTensor.ofTexts(new long[] {1}, List.of("a"));
    HostTensor b = HostTensor.ofTexts(new long[] {1}, List.of("b"));
    assertThat(compare(a, a).passed()).isTrue();
    assertThat(problem(a, b)).isEqualTo("has other texts");
  }
}
