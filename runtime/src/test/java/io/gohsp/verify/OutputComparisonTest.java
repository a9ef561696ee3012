package io.gohsp.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputComparisonTest {
  private static HostTensor floats(float... values) {
    return HostTensor.ofFloats(new long[] {values.length}, values);
  }

  private static OutputComparison compare(HostTensor reference, HostTensor candidate) {
    return OutputComparison.of(reference, candidate, Tolerance.FLOAT32);
  }

  @Test
  void errorsAreMeasuredAgainstTheScaleOfTheOutput() {
    OutputComparison result = compare(floats(100, 0.001f), floats(100, 0.002f));
    assertThat(result.absolute()).isCloseTo(0.001, org.assertj.core.data.Offset.offset(1e-9));
    assertThat(result.relative()).isCloseTo(1e-5, org.assertj.core.data.Offset.offset(1e-9));
    assertThat(result.problem()).isNull();
  }

  @Test
  void justAboveTheToleranceFails() {
    assertThat(compare(floats(1, 0), floats(1, 0.99e-4f)).problem()).isNull();
    assertThat(compare(floats(1, 0), floats(1, 1.01e-4f)).problem())
        .startsWith("differs by 1.01e-04 of its scale, at element 1");
  }

  @Test
  void notANumberAndInfinityMustBeWhereTheyBelong() {
    float nan = Float.NaN;
    float inf = Float.POSITIVE_INFINITY;
    assertThat(compare(floats(nan, inf, 1), floats(nan, inf, 1)).problem()).isNull();
    assertThat(compare(floats(nan, 1), floats(1, 1)).problem())
        .isEqualTo("has 1.0 at element 0 where NaN belongs");
    assertThat(compare(floats(1, 1), floats(1, nan)).problem())
        .isEqualTo("has NaN at element 1 where 1.0 belongs");
    assertThat(compare(floats(inf, 1), floats(-inf, 1)).problem())
        .isEqualTo("has -Infinity at element 0 where Infinity belongs");
  }

  @Test
  void nothingButNotANumberIsNoEvidence() {
    assertThat(compare(floats(Float.NaN), floats(Float.NaN)).informative()).isFalse();
    assertThat(compare(floats(0), floats(0)).informative()).isTrue();
  }

  @Test
  void allZerosLeaveNoRoom() {
    assertThat(compare(floats(0, 0), floats(0, 1e-9f)).problem()).contains("Infinity");
  }

  @Test
  void wholeNumbersMustBeEqual() {
    HostTensor reference = HostTensor.ofIntegers(ElementType.INT64, new long[] {3}, 7, 900, 2);
    HostTensor candidate = HostTensor.ofIntegers(ElementType.INT64, new long[] {3}, 7, 901, 2);
    assertThat(compare(reference, reference).problem()).isNull();
    assertThat(compare(reference, candidate).problem())
        .startsWith("differs in 1 of 3 whole numbers")
        .contains("at element 1 (901 instead of 900)", "arg-max");
    assertThat(OutputComparison.of(reference, candidate, Tolerance.QUANTIZED).problem())
        .isNotNull();
  }

  @Test
  void bytesOfQuantizedModelsMayRound() {
    HostTensor reference = HostTensor.ofIntegers(ElementType.UINT8, new long[] {2}, 255, 10);
    HostTensor candidate = HostTensor.ofIntegers(ElementType.UINT8, new long[] {2}, 254, 10);
    assertThat(OutputComparison.of(reference, candidate, Tolerance.QUANTIZED).problem()).isNull();
    assertThat(compare(reference, candidate).problem()).isNotNull();
  }

  @Test
  void shapeTypeAndTextsCount() {
    HostTensor row = HostTensor.ofFloats(new long[] {1, 2}, 1, 2);
    assertThat(compare(floats(1, 2), row).problem())
        .isEqualTo("is FLOAT[1, 2] instead of FLOAT[2]");
    HostTensor a = HostTensor.ofTexts(new long[] {1}, List.of("a"));
    HostTensor b = HostTensor.ofTexts(new long[] {1}, List.of("b"));
    assertThat(compare(a, a).problem()).isNull();
    assertThat(compare(a, b).problem()).isEqualTo("has other texts");
  }
}
