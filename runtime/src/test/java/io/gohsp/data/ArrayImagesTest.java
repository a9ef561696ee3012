package io.gohsp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Dim;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrays of whole numbers for inputs of floats: pixels, or refused. */
class ArrayImagesTest {
  private static final String PREPARED = "would be fed to x, ";

  @TempDir Path directory;

  private static Map<String, TensorType> pictures(ElementType type) {
    return Map.of(
        "x", new TensorType(type, List.of(Dim.of("batch"), Dim.of(1), Dim.of(2), Dim.of(2))));
  }

  /** One sample, little-endian in the type's width. */
  private DataSource open(String type, String shape, long... values) throws Exception {
    int width = type.charAt(2) - '0';
    ByteBuffer bytes = ByteBuffer.allocate(values.length * width).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      byte[] whole =
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
      bytes.put(Arrays.copyOf(whole, width));
    }
    Path file = Files.createTempFile(directory, "a", ".npz");
    Files.delete(file);
    return Datasets.open(
        TestFiles.zip(file, Map.of("x.npy", TestFiles.npy(type, shape, false, bytes.array()))));
  }

  private static void isRefused(
      DataSource source, Map<String, TensorType> inputs, String what, String advice) {
    assertThat(source.train()).isInstanceOf(NamedArrays.class);
    assertThatThrownBy(() -> Samples.of((NamedArrays) source.train(), inputs))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(source.where() + ": x ")
        .hasMessageContaining(PREPARED)
        .hasMessageContaining(what)
        .hasMessageContaining(advice);
  }

  @ParameterizedTest
  @ValueSource(strings = {"|i1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"})
  void wholeNumbersArePixelsWhereNormalisationIsStated(String type) throws Exception {
    int white = type.equals("|i1") ? 127 : 255;
    for (ElementType floats : List.of(ElementType.FLOAT, ElementType.FLOAT16)) {
      for (String shape : List.of("1, 2, 2", "1, 1, 2, 2", "1, 2, 2, 1")) {
        try (DataSource source = open(type, shape, 0, 1, 100, white);
            ImageDecoder decoder = new ImageDecoder()) {
          Pixels pixels = new Pixels();
          DataSource stated = source.forInputs(pictures(floats), true);
          ((Images) stated.train()).read(0, decoder, pixels);
          assertThat(Arrays.copyOf(pixels.data(), 4))
              .containsExactly((byte) 0, (byte) 1, (byte) 100, (byte) white);
          assertThat(stated.description()).contains("2×2 grey");
        }
      }
      try (DataSource source = open(type, "1, 1, 2, 2", 0, 1, 100, white)) {
        isRefused(
            source.forInputs(pictures(floats), false),
            pictures(floats),
            "as the whole numbers that they are",
            "with --mean and --std or as uint8");
      }
    }
  }

  @Test
  void planesOfWideNumbersBecomePixels() throws Exception {
    try (DataSource source = open("<i4", "1, 3, 1, 2", 1, 2, 3, 4, 5, 6);
        ImageDecoder decoder = new ImageDecoder()) {
      Pixels pixels = new Pixels();
      Map<String, TensorType> inputs = pictures(ElementType.FLOAT);
      ((Images) source.forInputs(inputs, true).train()).read(0, decoder, pixels);
      assertThat(Arrays.copyOf(pixels.data(), 6)).containsExactly(1, 3, 5, 2, 4, 6);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 256, 65536, 1L << 40})
  void numbersThatAreNoBytesAreNoPixels(long value) throws Exception {
    Map<String, TensorType> inputs = pictures(ElementType.FLOAT);
    try (DataSource source = open("<i8", "1, 1, 2, 2", 0, value, 0, 0)) {
      isRefused(source.forInputs(inputs, true), inputs, "INT64[1, 2, 2]", "from 0 to 255");
    }
  }

  @Test
  void negativeBytesAndTruthValuesAreNoPixels() throws Exception {
    Map<String, TensorType> inputs = pictures(ElementType.FLOAT);
    try (DataSource bytes = open("|i1", "1, 1, 2, 2", 0, -1, 0, 0);
        DataSource truths = open("|b1", "1, 1, 2, 2", 0, 1, 0, 1)) {
      isRefused(bytes.forInputs(inputs, true), inputs, "INT8[1, 2, 2]", "as the model was trained");
      isRefused(
          truths.forInputs(inputs, true), inputs, "BOOL[1, 2, 2]", "as the model was trained");
    }
  }

  /** Features are no pixels, but nobody trains on them as they were counted either. */
  @ParameterizedTest
  @ValueSource(strings = {"|i1", "|u1", "<i4", "<i8"})
  void wholeNumbersForOtherFloatsAreRefused(String type) throws Exception {
    Map<String, TensorType> inputs =
        Map.of(
            "x",
            new TensorType(
                ElementType.FLOAT, List.of(Dim.of("batch"), Dim.of("steps"), Dim.of(2))));
    try (DataSource source = open(type, "1, 2, 2", 0, 1, 2, 0)) {
      isRefused(source.forInputs(inputs, true), inputs, "FLOAT[batch, steps, 2]", "as float32");
    }
  }

  @Test
  void idsStayWhatTheyAre() throws Exception {
    Map<String, TensorType> inputs = pictures(ElementType.INT64);
    try (DataSource source = open("<i4", "1, 1, 2, 2", 0, 1, 1, 0)) {
      DataSource same = source.forInputs(inputs, true);
      assertThat(Samples.of((NamedArrays) same.train(), inputs).inputs().get(0).type())
          .isEqualTo(ElementType.INT64);
    }
  }
}
