package io.gohsp.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.io.OnnxReader;
import io.gohsp.io.Temporaries;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import io.gohsp.text.OnnxText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrtProgramTest {
  private static final OrtOptions OPTIONS = OrtOptions.VERIFY.withThreads(1);

  private static final String LINEAR =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      linear (float[B,3] x) => (float[B,2] y)
      <float[3,2] w = {1,2,3,4,5,6}>
      { [product] y = MatMul(x, w) }
      """;

  private static OrtProgram compile(String text) {
    return OrtProgram.compile(OnnxText.parse(text), OPTIONS);
  }

  private static HostTensor row(float... values) {
    return HostTensor.ofFloats(new long[] {1, values.length}, values);
  }

  @Test
  void runsAModelMadeInMemory() {
    try (OrtProgram program = compile(LINEAR)) {
      assertThat(program.inputs())
          .containsEntry("x", new TensorType(ElementType.FLOAT, List.of(Dim.of("B"), Dim.of(3))));
      Map<String, HostTensor> results = program.run(Map.of("x", row(1, 10, 100)));
      assertThat(results.get("y").floats()).containsExactly(531, 642);
      assertThat(results.get("y").dims()).containsExactly(1, 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"timm_vit_legacy_op17_unfused", "timm_vit__external", "hf_vit__ms_mha"})
  void fileBytesAndBothKindsOfBufferAgree(String fixture) throws IOException {
    Path file = Fixtures.model(fixture);
    HostTensor image = HostTensor.allocate(ElementType.FLOAT, 2, 3, 16, 16);
    for (int i = 0; i < image.size(); i++) {
      image.bytes().putFloat(4 * i, (float) Math.sin(i));
    }
    float[] expected = first(OrtProgram.load(file, OPTIONS), image);
    assertThat(first(OrtProgram.compile(OnnxReader.read(file), OPTIONS), image))
        .containsExactly(expected);
    if (!fixture.equals("timm_vit__external")) { // bytes alone do not say where the side file is
      byte[] bytes = Files.readAllBytes(file);
      ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
      assertThat(first(OrtProgram.load("copy", ByteBuffer.wrap(bytes), OPTIONS), image))
          .containsExactly(expected);
      assertThat(first(OrtProgram.load("copy", direct, OPTIONS), image)).containsExactly(expected);
    }
  }

  private static float[] first(OrtProgram program, HostTensor image) {
    try (program) {
      String input = program.inputs().keySet().iterator().next();
      return program.run(Map.of(input, image)).values().iterator().next().floats();
    }
  }

  @Test
  void largeWeightsMadeInMemoryLeaveNoFileBehind() throws IOException {
    int width = 3000; // 36 MB
    Model model = new Model("large", null);
    model.setIrVersion(8);
    model.opsets().put("", 17L);
    ByteBuffer ones = ByteBuffer.allocate(4 * width * width).order(ByteOrder.LITTLE_ENDIAN);
    while (ones.hasRemaining()) {
      ones.putFloat(1);
    }
    long[] square = {width, width};
    TensorData data = new TensorData.Heap(ones.flip());
    Value w = model.graph().addInitializer("w", new Tensor(ElementType.FLOAT, square, data));
    Value x = model.graph().addInput("x", TensorType.of(ElementType.FLOAT, 1, width));
    Value y = model.graph().append(OpId.of("MatMul"), "y", x, w).output();
    y.setType(TensorType.of(ElementType.FLOAT, 1, width));
    model.graph().addOutput(y);
    Path mine = Temporaries.createPrivateDirectory();
    List<Path> before = temporaries(mine.getParent());
    try (OrtProgram program = OrtProgram.compile(model, OPTIONS)) {
      assertThat(temporaries(mine.getParent())).isEqualTo(before).contains(mine);
      float[] halves = new float[width];
      Arrays.fill(halves, 0.5f);
      assertThat(program.run(Map.of("x", row(halves))).get("y").floats()).containsOnly(1500);
    } finally {
      Files.delete(mine);
    }
  }

  private static List<Path> temporaries(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.sorted().toList();
    }
  }

  @Test
  void halfPrecisionGoesInAndComesOut() {
    try (OrtProgram program =
        compile(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            twice (float16[N] x) => (float16[N] y)
            { y = Add(x, x) }
            """)) {
      HostTensor x = HostTensor.ofFloats(ElementType.FLOAT16, new long[] {2}, 0.5f, -3);
      HostTensor y = program.run(Map.of("x", x)).get("y");
      assertThat(y.type()).isEqualTo(ElementType.FLOAT16);
      assertThat(y.floats()).containsExactly(1, -6);
    }
  }

  @Test
  void readsEveryKindOfOutput() {
    try (OrtProgram program =
        compile(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            kinds (float[3] x) => (int8[3] i8, uint8[3] u8, bool[3] b, int32[3] i32, int64[3] i64,
                                   double[3] f64, uint16[3] u16, uint64[3] u64, string[3] s)
            {
              i8 = Cast<to = 3>(x)
              u8 = Cast<to = 2>(x)
              b = Cast<to = 9>(x)
              i32 = Cast<to = 6>(x)
              i64 = Cast<to = 7>(x)
              f64 = Cast<to = 11>(x)
              u16 = Cast<to = 4>(x)
              u64 = Cast<to = 13>(x)
              s = Cast<to = 8>(x)
            }
            """)) {
      Map<String, HostTensor> out =
          program.run(Map.of("x", HostTensor.ofFloats(new long[] {3}, 0, 1, 100)));
      assertThat(out.keySet())
          .containsExactly("i8", "u8", "b", "i32", "i64", "f64", "u16", "u64", "s");
      assertThat(out.get("b").longs()).containsExactly(0, 1, 1);
      assertThat(out.get("s").texts()).containsExactly("0", "1", "100");
      for (String name : List.of("i8", "u8", "i32", "i64", "f64", "u16", "u64")) {
        assertThat(out.get(name).doubles()).as(name).containsExactly(0, 1, 100);
      }
      assertThat(out.get("u16").type()).isEqualTo(ElementType.UINT16);
    }
  }

  @Test
  void feedsTextsScalarsAndEmptyTensors() {
    try (OrtProgram program =
        compile(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            odd (string[N] s, float x, float[M] e) => (string[N] t, float y, float[M] f)
            {
              t = Identity(s)
              y = Neg(x)
              f = Neg(e)
            }
            """)) {
      Map<String, HostTensor> out =
          program.run(
              Map.of(
                  "s", HostTensor.ofTexts(new long[] {2}, List.of("a", "ß")),
                  "x", HostTensor.ofFloats(new long[0], 4),
                  "e", HostTensor.ofFloats(new long[] {0})));
      assertThat(out.get("t").texts()).containsExactly("a", "ß");
      assertThat(out.get("y").floats()).containsExactly(-4);
      assertThat(out.get("f").floats()).isEmpty();
    }
  }

  @Test
  void boundMemoryIsReadAndWrittenInPlace() {
    HostTensor x = HostTensor.allocate(ElementType.FLOAT, 1, 3);
    HostTensor y = HostTensor.allocate(ElementType.FLOAT, 1, 2);
    try (OrtProgram program = compile(LINEAR);
        Binding binding = program.bind(Map.of("x", x), Map.of("y", y))) {
      x.bytes().putFloat(0, 1);
      assertThat(binding.run().get("y")).isSameAs(y);
      assertThat(y.floats()).containsExactly(1, 2);
      x.bytes().putFloat(0, 2);
      binding.execute();
      assertThat(y.floats()).containsExactly(2, 4);
    }
  }

  @Test
  void boundOutputsMustExistAndBeDirect() {
    try (OrtProgram program = compile(LINEAR)) {
      Map<String, HostTensor> feed = Map.of("x", row(1, 2, 3));
      assertThatThrownBy(() -> program.bind(feed, Map.of("z", row(0, 0))))
          .isInstanceOf(ModelException.ExecutionFailed.class)
          .hasMessageContaining("has no output \"z\"; it has [y]");
      HostTensor heap =
          HostTensor.wrap(ElementType.FLOAT, new long[] {1, 2}, ByteBuffer.allocate(8));
      assertThatThrownBy(() -> program.bind(feed, Map.of("y", heap)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not direct");
    }
  }

  @Test
  void aFailedRunNamesProgramNodeAndShapes() {
    String text =
        """
        <ir_version: 8, opset_import: ["" : 17]>
        broken (float[A,B] x, float[C,D] w) => (float[E,F] y)
        { [the_product] y = MatMul(x, w) }
        """;
    try (OrtProgram program = compile(text)) {
      assertThatThrownBy(() -> program.run(Map.of("x", row(1, 2, 3), "w", row(1, 2))))
          .isInstanceOf(ModelException.ExecutionFailed.class)
          .hasMessageStartingWith("MatMul \"the_product\": cannot run broken on {")
          .hasMessageContaining("x=FLOAT[1, 3]")
          .hasMessageContaining("w=FLOAT[1, 2]")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void wrongNamesTypesAndRanksAreRefused() {
    try (OrtProgram program = compile(LINEAR)) {
      for (Map<String, HostTensor> feed :
          List.of(
              Map.<String, HostTensor>of(),
              Map.of("z", row(1, 2, 3)),
              Map.of("x", HostTensor.ofIntegers(ElementType.INT64, new long[] {1, 3}, 1, 2, 3)),
              Map.of("x", row(1, 2)))) {
        assertThatThrownBy(() -> program.run(feed))
            .isInstanceOf(ModelException.ExecutionFailed.class)
            .hasMessageContaining("cannot run linear on " + feed);
      }
      HostTensor unsigned = HostTensor.allocate(ElementType.UINT32, 1, 3);
      assertThatThrownBy(() -> program.run(Map.of("x", unsigned)))
          .isInstanceOf(ModelException.Unsupported.class)
          .hasMessageContaining("cannot feed UINT32 tensors");
    }
  }

  @Test
  void aModelThatRuntimeRefusesIsReportedWithTheFile(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("broken.onnx"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> OrtProgram.load(file, OPTIONS))
        .isInstanceOf(ModelException.ExecutionFailed.class)
        .hasMessageStartingWith(file + ": ONNX Runtime refuses broken.onnx: ");
    assertThatThrownBy(() -> OrtProgram.load(folder.resolve("none.onnx"), OPTIONS))
        .isInstanceOf(ModelException.Malformed.class);
  }

  @Test
  void anUnknownOperatorIsNamed() {
    assertThatThrownBy(
            () ->
                compile(
                    """
                    <ir_version: 8, opset_import: ["" : 17]>
                    odd (float[3] x) => (float[3] y)
                    { [here] y = Frobnicate(x) }
                    """))
        .isInstanceOf(ModelException.ExecutionFailed.class)
        .hasMessageContaining("Frobnicate");
  }

  @Test
  void sequencesAreUnsupportedOutputs() {
    try (OrtProgram program =
        compile(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            pieces (float[4] x) => (seq(float[M]) y)
            { y = SplitToSequence<axis = 0>(x) }
            """)) {
      assertThatThrownBy(
              () -> program.run(Map.of("x", HostTensor.ofFloats(new long[] {4}, 1, 2, 3, 4))))
          .isInstanceOf(ModelException.Unsupported.class)
          .hasMessageContaining("output \"y\"")
          .hasMessageContaining("SEQUENCE");
    }
  }
}
