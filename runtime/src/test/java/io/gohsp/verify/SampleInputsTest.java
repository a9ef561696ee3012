package io.gohsp.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.OnnxText;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleInputsTest {
  private static SampleInputs find(String text, Map<String, Long> sizes) {
    Model model = OnnxText.parse(text);
    try (OrtProgram program = OrtProgram.compile(model, OrtOptions.VERIFY.withThreads(1))) {
      return SampleInputs.find(model, program, sizes, 7);
    }
  }

  private static SampleInputs find(String text) {
    return find(text, Map.of());
  }

  /**
   * Word, position and segment tables, a mask, and ids that reach their table through shape and
   * type changes.
   */
  private static final String TEXT_ENCODER =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      encoder (int32[batch,tokens] ids, int64[batch,tokens] segments, int64[batch,tokens] mask)
        => (float[batch,tokens,K] y)
      <float[5,4] words = {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20},
       float[2,4] kinds = {1,2,3,4,5,6,7,8}, int64[1] last = {2}, int64 two = {2}>
      {
        wide = Cast<to = 7>(ids)
        lifted = Unsqueeze(wide, last)
        flat = Squeeze(lifted, last)
        moved = Add(flat, two)
        word = Gather<axis = 0>(words, moved)
        kind = Gather<axis = 0>(kinds, segments)
        float_mask = Cast<to = 1>(mask)
        column = Unsqueeze(float_mask, last)
        sum = Add(word, kind)
        y = Mul(sum, column)
      }
      """;

  @Test
  void idsStayWithinTheirTables() {
    SampleInputs inputs = find(TEXT_ENCODER);
    assertThat(inputs.sizes()).containsExactly(Map.entry("batch", 2L), Map.entry("tokens", 9L));
    long[] ids = new long[0];
    for (int i = 0; i < 10; i++) {
      Map<String, HostTensor> sample = inputs.sample(i);
      assertThat(sample.get("ids").type()).isEqualTo(ElementType.INT32);
      ids = concat(ids, sample.get("ids").longs());
      assertThat(sample.get("segments").longs()).containsOnly(0, 1);
    }
    assertThat(ids)
        .containsOnly(0, 1, 2)
        .contains(0, 1, 2); // five rows, two of them skipped by the Add
  }

  /** Ids keep the type that a model was traced with, and are cast before the table. */
  @ParameterizedTest
  @CsvSource({"float, 20", "double, 20", "float16, 20", "uint8, 20", "float16, 5000", "int8, 300"})
  void idsOfEveryTypeAreRowsOfTheirTable(String type, int rows) {
    SampleInputs inputs =
        find(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            encoder (%s[100,50] ids) => (float[100,50,1] y)
            <float[%d,1] words = {%s}>
            {
              whole = Cast<to = 7>(ids)
              y = Gather<axis = 0>(words, whole)
            }
            """
                .formatted(type, rows, String.join(",", Collections.nCopies(rows, "1"))));
    double[] ids = inputs.sample(0).get("ids").doubles(); // as many as the largest table has rows
    assertThat(Arrays.stream(ids).boxed())
        .allMatch(id -> id >= 0 && id < rows && id == Math.rint(id))
        .contains(0.0, Math.min(rows, type.equals("int8") ? 128 : 2049) - 1.0);
    assertThat(inputs.evidence(List.of(0)).ids())
        .containsExactly(
            Map.entry("ids", new Evidence.Ids(Arrays.stream(ids).distinct().count(), rows)));
  }

  private static long[] concat(long[] a, long[] b) {
    long[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  @Test
  void everyRowOfAMaskHasOnesAndThenZeros() {
    SampleInputs inputs = find(TEXT_ENCODER, Map.of("tokens", 6L));
    for (int i = 0; i < 20; i++) {
      long[] mask = inputs.sample(i).get("mask").longs();
      for (int row = 0; row < 2; row++) {
        String bits = "";
        for (int at = 0; at < 6; at++) {
          bits += mask[6 * row + at];
        }
        assertThat(bits).matches("1{3,5}0{1,3}");
      }
    }
  }

  @Test
  void equalSeedsGiveEqualBitsAndSamplesDiffer() {
    SampleInputs one = find(TEXT_ENCODER);
    SampleInputs two = find(TEXT_ENCODER);
    assertThat(one.sample(3).get("ids").bytes()).isEqualTo(two.sample(3).get("ids").bytes());
    assertThat(one.sample(3).get("ids").bytes()).isNotEqualTo(one.sample(4).get("ids").bytes());
  }

  @Test
  void activationsAreStandardNormalAndPixelsFillTheirRange() {
    SampleInputs inputs =
        find(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            images (float[64,64] x, uint8[1,64,64,3] pixels) => (float[64,64] y, float[1,64,64,3] z)
            {
              y = Neg(x)
              z = Cast<to = 1>(pixels)
            }
            """);
    double[] x = inputs.sample(0).get("x").doubles();
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    // 4096 draws: standard errors 0.016 and 0.022; five of them
    assertThat(mean).isBetween(-0.08, 0.08);
    assertThat(variance).isBetween(0.89, 1.11);
    long[] pixels = inputs.sample(0).get("pixels").longs();
    assertThat(Arrays.stream(pixels).min()).hasValue(0);
    assertThat(Arrays.stream(pixels).max()).hasValue(255);
  }

  @Test
  void sizesAreTriedUntilTheModelRuns() {
    SampleInputs inputs =
        find(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            patches (float[N,C,H,W] image) => (float[N,M,192] y)
            <int64[3] shape = {0, -1, 768}>
            { y = Reshape(image, shape) }
            """
                .replace("192", "K"));
    // 768 numbers a patch: 3 channels of 16 x 16 at least
    assertThat(inputs.sizes())
        .containsExactly(
            Map.entry("N", 2L), Map.entry("C", 3L), Map.entry("H", 16L), Map.entry("W", 16L));
  }

  /** Half bytes and quarters of a float cannot be handed over. */
  @Test
  void typesThatCannotBeFedAreRefused() {
    String text =
        """
        <ir_version: 10, opset_import: ["" : 21]>
        g (int4[4] x) => (float[4] y) {
          y = Cast<to = 1>(x)
        }
        """;
    assertThatThrownBy(() -> find(text, Map.of()))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("input \"x\" holds INT4, which cannot be fed");
  }

  @Test
  void givenSizesAreKeptAndUnknownOnesRefused() {
    assertThat(find(TEXT_ENCODER, Map.of("batch", 5L, "tokens", 3L)).sample(0).get("ids").dims())
        .containsExactly(5, 3);
    assertThatThrownBy(() -> find(TEXT_ENCODER, Map.of("height", 5L)))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessage(
            "no input has a dimension \"height\" to give a size to (it has [batch, tokens])");
  }

  @Test
  void batchCanBeChangedLater() {
    SampleInputs inputs = find(TEXT_ENCODER).withBatch(4);
    assertThat(inputs.hasSymbolicBatch()).isTrue();
    assertThat(inputs.sample(0).get("mask").dims()).containsExactly(4, 9);
  }

  @Test
  void sumsOfSymbolsFollowTheirParts() {
    SampleInputs inputs =
        find(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            cache (float[B,past] old, float[B,seq] fresh, float[B,all] mask) => (float[B,total] y)
            {
              joined = Concat<axis = 1>(old, fresh)
              y = Mul(joined, mask)
            }
            """
                .replace("all", "\"past + seq\""));
    assertThat(inputs.sample(0).get("mask").dims()).containsExactly(2, 18);
  }

  @Test
  void inputsWithADefaultKeepIt() {
    SampleInputs inputs =
        find(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            scaled (float[3] x, float[3] s) => (float[3] y)
            <float[3] s = {1,2,3}>
            { y = Mul(x, s) }
            """);
    assertThat(inputs.sample(0)).containsOnlyKeys("x");
  }

  @Test
  void aModelThatNeverRunsIsReportedWithWhatRuntimeSays() {
    assertThatThrownBy(
            () ->
                find(
                    """
                    <ir_version: 8, opset_import: ["" : 17]>
                    picky (float[N] x) => (float[M] y)
                    <int64[2] shape = {5, 11}>
                    { [fixed] y = Reshape(x, shape) }
                    """))
        .isInstanceOf(ModelException.ExecutionFailed.class)
        .hasMessageContaining("none of the sizes tried for its dimensions [N]; give their sizes")
        .hasMessageContaining("Reshape \"fixed\"");
  }

  /** Weights fix the last axis at 12, and no size that is tried is that. */
  private static final String FIXED_BY_WEIGHTS =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      g (float[b,s,n] x, float[c,n] mask) => (float[K,L,1] y)
      <float[12,1] w = {1,1,1,1,1,1,1,1,1,1,1,1}, int64[1] last = {2}>
      {
        seen = Unsqueeze(mask, last)
        product = MatMul(x, w)
        y = Mul(product, seen)
      }
      """;

  /** What n is the data say: 12 of one input and 5 of the other. */
  @Test
  void sizesComeFromData() {
    assertThatThrownBy(() -> find(FIXED_BY_WEIGHTS))
        .isInstanceOf(ModelException.ExecutionFailed.class);

    Model model = OnnxText.parse(FIXED_BY_WEIGHTS);
    DataShapes data = new DataShapes(Map.of("x", List.of(5L, 12L), "mask", List.of(5L)));
    try (OrtProgram program = OrtProgram.compile(model, OrtOptions.VERIFY.withThreads(1))) {
      SampleInputs inputs = SampleInputs.find(model, program, Map.of(), 7, data);
      assertThat(inputs.sizes())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("b", 2L, "s", 5L, "x[2]", 12L, "c", 2L, "mask[1]", 5L));
      SampleInputs varied = inputs.varied(program);
      assertThat(varied.sample(1).get("x").dims()).containsExactly(1, 9, 12);
      assertThat(varied.sample(2).get("mask").dims()).containsExactly(3, 9);
      assertThat(SampleInputs.find(model, program, Map.of("s", 3L, "mask[1]", 3L), 7, data).sizes())
          .containsEntry("s", 3L)
          .containsEntry("x[2]", 12L);
    }
  }
}
