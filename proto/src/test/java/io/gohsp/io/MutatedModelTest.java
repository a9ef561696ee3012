package io.gohsp.io;

import io.gohsp.onnx.AttributeProto;
import io.gohsp.onnx.AttributeProto.AttributeType;
import io.gohsp.onnx.GraphProto;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.TensorProto.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A small model with one of everything, damaged at random. */
class MutatedModelTest {
  private static final byte[] MODEL = model();

  private static byte[] model() {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addInitializer(Protos.floats("local", 1, 2))
            .addNode(Protos.node("Add", List.of("x", "local"), List.of("inner")))
            .addOutput(Protos.value("inner", 2));
    GraphProto.Builder graph =
        Protos.graph(
            Protos.node("If", List.of("flag"), List.of("h"))
                .addAttribute(Protos.attribute("then_branch", body))
                .addAttribute(Protos.attribute("else_branch", body)),
            Protos.node("f", List.of("h", "", "w"), List.of("y", ""))
                .setDomain("local")
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("is")
                        .setType(AttributeType.INTS)
                        .addInts(3))
                .addAttribute(
                    Protos.attribute(
                        "t",
                        Protos.tensor("", DataType.INT64, 2).addInt64Data(1).addInt64Data(2))));
    graph
        .addInitializer(Protos.tensor("flag", DataType.BOOL).addInt32Data(1))
        .addInitializer(Protos.floats("w", 1, 2, 3))
        .addInitializer(Protos.tensor("u", DataType.FLOAT, 2).addFloatData(1).addFloatData(2))
        .addValueInfo(Protos.value("h", 2));
    graph
        .addSparseInitializerBuilder()
        .setValues(Protos.floats("s", 1))
        .setIndices(Protos.tensor("", DataType.INT64, 1).addInt64Data(3))
        .addDims(4);
    ModelProto.Builder model = Protos.model(graph).addMetadataProps(Protos.entry("k", "v"));
    var function =
        model
            .addFunctionsBuilder()
            .setName("f")
            .setDomain("local")
            .addInput("a")
            .addInput("b")
            .addInput("c");
    function.addOutput("d").addNode(Protos.node("Add", List.of("a", "c"), List.of("d")));
    return model.build().toByteArray();
  }

  @Property(tries = 5000)
  void damageIsFoundOrHarmless(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 4) int damages) {
    byte[] bytes = MODEL.clone();
    for (int i = 0; i < damages; i++) {
      bytes = damage(bytes, random);
    }
    OnnxReaderFuzzTest.check(bytes);
  }

  private static byte[] damage(byte[] bytes, Random random) {
    int at = random.nextInt(Math.max(1, bytes.length));
    if (bytes.length < 16) {
      return bytes;
    }
    byte[] result = bytes.clone();
    switch (random.nextInt(5)) {
      case 0 -> result[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> result[at] = (byte) random.nextInt(256);
      case 2 -> result = Arrays.copyOf(result, at + 1);
      case 3 -> Arrays.fill(result, at, Math.min(at + 9, result.length), (byte) 0xFF);
      default ->
          System.arraycopy(
              bytes,
              at,
              result,
              random.nextInt(result.length - (result.length - at) + 1),
              Math.min(8, result.length - at));
    }
    return result;
  }
}
