package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.ort.HostTensor;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays as inputs of models. */
class SamplesTest {
  @TempDir Path directory;

  private final NamedArrays text =
      (NamedArrays) Datasets.open(TestFiles.DATA.resolve("text.npz")).train();

  private static TensorType rows(ElementType type, long length) {
    return new TensorType(type, List.of(Dim.of("batch"), Dim.of(length)));
  }

  @Test
  void convertsToTheInputsTypes() {
    Map<String, TensorType> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", rows(ElementType.INT32, 6));
    inputs.put("attention_mask", rows(ElementType.FLOAT, 6));
    inputs.put("weights", new TensorType(ElementType.DOUBLE, null));
    inputs.put("flags", new TensorType(ElementType.FLOAT16, null));
    try (Batches batches = Batches.of(Samples.of(text, inputs), 5).open()) {
      Map<String, HostTensor> batch = Objects.requireNonNull(batches.next()).inputs();
      assertThat(batch.keySet()).containsExactlyElementsOf(inputs.keySet());
      HostTensor ids = Objects.requireNonNull(batch.get("input_ids"));
      assertThat(ids.dims()).containsExactly(5, 6);
      assertThat(ids.longs()[29]).isEqualTo(29 % 11);
      assertThat(Objects.requireNonNull(batch.get("attention_mask")).floats()).containsOnly(1);
      assertThat(Objects.requireNonNull(batch.get("weights")).doubles())
          .containsExactly(0, 0.25, 0.5, 0.75, 1);
      assertThat(Objects.requireNonNull(batch.get("flags")).floats())
          .containsExactly(1, 0, 1, 1, 0);
    }
  }

  @Test
  void saysWhichArrayIsMissing() {
    assertThatThrownBy(() -> Samples.of(text, Map.of("pixels", rows(ElementType.FLOAT, 6))))
        .isInstanceOf(DataException.class)
        .hasMessage(
            TestFiles.DATA.resolve("text.npz")
                + ": no array for the model's input pixels, only [attention_mask, flags,"
                + " input_ids, weights] (name the arrays like the model's inputs: [pixels])");
  }

  @Test
  void refusesShapesAndTypesThatDoNotFit() {
    String where = TestFiles.DATA.resolve("text.npz") + ": ";
    assertThatThrownBy(() -> Samples.of(text, Map.of("input_ids", rows(ElementType.INT64, 7))))
        .isInstanceOf(DataException.class)
        .hasMessage(
            where
                + "rows of input_ids INT64[6] do not fit the model's input input_ids, INT64[batch,"
                + " 7] (give rows with the input's extents after the first, floats for floats and"
                + " whole numbers for whole numbers)");
    for (ElementType type : List.of(ElementType.INT64, ElementType.BOOL, ElementType.STRING)) {
      TensorType input = new TensorType(type, null);
      assertThatThrownBy(() -> Samples.of(text, Map.of("weights", input)))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("rows of weights FLOAT16[] do not fit");
    }
  }

  @Test
  void valuesThatTheInputCannotHoldAreCorrupt() {
    Map<String, TensorType> inputs = Map.of("input_ids", rows(ElementType.UINT8, 6));
    NamedArrays large = new NamedArraysOf(300);
    try (Batches batches = Batches.of(Samples.of(large, inputs), 1).open()) {
      assertThat(batches.next()).isNull();
      assertThat(batches.corrupt().names())
          .containsExactly("row: input_ids holds 300, which is no UINT8");
    }
  }

  /** Bytes that are no pictures are not fed to floats as numbers from 0 to 255. */
  @Test
  void bytesForFloatsAreRefused() throws Exception {
    Path file =
        TestFiles.zip(
            directory.resolve("a.npz"),
            Map.of("x.npy", TestFiles.npy("|u1", "2, 1", false, (byte) 200, (byte) 7)));
    try (DataSource source = Datasets.open(file)) {
      assertThatThrownBy(
              () ->
                  Samples.of((NamedArrays) source.train(), Map.of("x", rows(ElementType.FLOAT, 1))))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(
              "x UINT8[1] would be fed to x, FLOAT[batch, 1], as numbers from 0 to 255 (store");
      assertThat(Samples.of((NamedArrays) source.train(), Map.of("x", rows(ElementType.INT64, 1))))
          .isNotNull();
    }
  }

  @Test
  void rowsThatHoldNaNAreCorrupt() throws Exception {
    ByteBuffer rows = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    rows.putFloat(Float.NEGATIVE_INFINITY).putFloat(Float.NaN);
    Path file =
        TestFiles.zip(
            directory.resolve("a.npz"),
            Map.of("x.npy", TestFiles.npy("<f4", "2, 1", false, rows.array())));
    Map<String, TensorType> inputs = Map.of("x", rows(ElementType.FLOAT, 1));
    try (DataSource source = Datasets.open(file);
        Batches batches = Batches.of(Samples.of((NamedArrays) source.train(), inputs), 1).open()) {
      assertThat(batches.next()).isNotNull();
      assertThat(batches.next()).isNull();
      assertThat(batches.corrupt().names())
          .containsExactly("sample 1 of " + file + ": x holds NaN");
    }
  }

  /** One row of six equal numbers. */
  private record NamedArraysOf(long value) implements NamedArrays {
    @Override
    public List<Field> fields() {
      return List.of(new Field("input_ids", ElementType.INT64, List.of(6)));
    }

    @Override
    public ByteBuffer row(int index, int field) {
      ByteBuffer row = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
      row.asLongBuffer().put(new long[] {value, value, value, value, value, value});
      return row;
    }

    @Override
    public int size() {
      return 1;
    }

    @Override
    public boolean isLabelled() {
      return false;
    }

    @Override
    public int label(int index) {
      throw new IllegalStateException();
    }

    @Override
    public List<String> classes() {
      return List.of();
    }

    @Override
    public String name(int index) {
      return "row";
    }
  }

  @Test
  void mixupNeedsFloats() {
    Preprocessing half =
        Preprocessing.forInput(Map.of("x", TensorType.of(ElementType.FLOAT16, 1, 1, 1, 1)), null);
    assertThatThrownBy(
            () -> Samples.of(new GreyImages(3, Set.of()), half, Augmentation.NONE.withMixup(1)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("mixup needs a FLOAT input");
  }
}
