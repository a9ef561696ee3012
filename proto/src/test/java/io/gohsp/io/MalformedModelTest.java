package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.gohsp.ir.ModelException;
import io.gohsp.onnx.AttributeProto;
import io.gohsp.onnx.AttributeProto.AttributeType;
import io.gohsp.onnx.GraphProto;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.onnx.TensorProto.DataType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way a model can be bad has a message that says what, where, and what to do. */
class MalformedModelTest {
  private static final String DAMAGED = " (the file is damaged; export or download it again)";

  @TempDir Path directory;

  private void assertMalformed(byte[] bytes, String message) throws IOException {
    Path file = directory.resolve("m.onnx");
    Files.write(file, bytes);
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage(file + ": " + message);
  }

  private void assertMalformed(ModelProto.Builder model, String message) throws IOException {
    assertMalformed(model.build().toByteArray(), message);
  }

  private void assertMalformed(GraphProto.Builder graph, String message) throws IOException {
    assertMalformed(Protos.model(graph), message);
  }

  private void assertMalformed(TensorProto.Builder tensor, String message) throws IOException {
    assertMalformed(
        Protos.graph(Protos.relu("x", "y")).addInitializer(tensor), "tensor \"w\": " + message);
  }

  // --- files that are no models

  @Test
  void missingFile() {
    Path file = directory.resolve("gone.onnx");
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage(file + ": there is no such file");
  }

  @Test
  void directory() {
    assertThatThrownBy(() -> OnnxReader.read(directory))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage(directory + ": is a directory (name the .onnx file in it)");
  }

  @Test
  void device() {
    Path device = Path.of("/dev/null");
    Assumptions.assumeTrue(Files.exists(device));
    assertThatThrownBy(() -> OnnxReader.read(device))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage("/dev/null: is not a regular file (copy the model to a file first)");
  }

  @Test
  void emptyFile() throws IOException {
    assertMalformed(new byte[0], "the file is empty (export or download it again)");
  }

  @Test
  void randomBytes() throws IOException {
    assertMalformed(
        new byte[] {(byte) 0xCA, (byte) 0xFE, (byte) 0xBA, (byte) 0xBE},
        "is not an ONNX model (give an .onnx file; export the model first)");
  }

  @Test
  void anotherProtobufMessage() throws IOException {
    assertMalformed(
        Protos.value("x", 1).build().toByteArray(),
        "is not an ONNX model (give an .onnx file; export the model first)");
  }

  @ParameterizedTest
  @CsvSource({
    "'version https://git-lfs.github.com/spec/v1', a Git LFS pointer, fetch the file with git lfs pull",
    "'PK\u0003\u0004....', a zip archive, a PyTorch checkpoint has to be exported to ONNX first",
    "<!DOCTYPE html><html>, a web page, download the file itself",
    "'....ORTM....', a model in ONNX Runtime's own format, use the ONNX file it was made of",
    "'....TFL3....', a TensorFlow Lite model, export the model to ONNX",
    "'ir_version: 8', a model in protobuf's text format, convert it to the binary format"
  })
  void otherKindsOfFile(String start, String kind, String hint) throws IOException {
    assertMalformed(
        start.getBytes(StandardCharsets.ISO_8859_1),
        "is not an ONNX model but " + kind + " (" + hint + ")");
  }

  @Test
  void modelWithoutGraph() throws IOException {
    assertMalformed(ModelProto.newBuilder().setIrVersion(8), "has no graph (export it again)");
  }

  @Test
  void twoGraphs() throws IOException {
    byte[] model = Protos.reluModel().build().toByteArray();
    byte[] twice = Arrays.copyOf(model, 2 * model.length);
    System.arraycopy(model, 0, twice, model.length, model.length);
    assertMalformed(twice, "has two main graphs");
  }

  @Test
  void truncatedFile() throws IOException {
    byte[] model = Protos.reluModel().build().toByteArray();
    assertMalformed(
        Arrays.copyOf(model, 40),
        "byte 8: field 7 begins here and the file ends before it does, after 40 bytes" + DAMAGED);
  }

  @Test
  void fieldLongerThanMessage() throws IOException {
    byte[] model = Protos.model(GraphProto.newBuilder().setName("g")).build().toByteArray();
    model[11] = 100; // the length of the graph's name
    assertMalformed(model, "byte 10: field 2 runs past the end of the message around it" + DAMAGED);
  }

  @Test
  void negativeLength() throws IOException {
    byte[] bytes = {8, 8, 0x3A, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1};
    assertMalformed(
        bytes,
        "byte 2: field 7 begins here and the file ends before it does, after 13 bytes" + DAMAGED);
  }

  @ParameterizedTest
  @CsvSource({
    "00, no field begins like this",
    "0f, no field has wire type 7",
    "0c, no field has wire type 4",
    "f8ffffff7f00, no field begins like this"
  })
  void badTag(String tag, String problem) throws IOException {
    byte[] bytes = HexFormat.of().parseHex("0808" + tag);
    assertMalformed(bytes, "byte 2: " + problem + DAMAGED);
  }

  @Test
  void endlessNumber() throws IOException {
    byte[] bytes = {8, 8, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1};
    assertMalformed(bytes, "byte 3: a number of more than ten bytes" + DAMAGED);
  }

  @Test
  void unbalancedGroup() throws IOException {
    assertMalformed(
        new byte[] {8, 8, 0x13, 0x1C}, "byte 3: a group ends that did not begin" + DAMAGED);
  }

  @Test
  void deepGroups() throws IOException {
    byte[] bytes = new byte[1000];
    Arrays.fill(bytes, (byte) 0x13);
    bytes[0] = 8;
    bytes[1] = 8;
    assertMalformed(bytes, "byte 102: groups nested deeper than 100" + DAMAGED);
  }

  @Test
  void nameThatIsNoText() throws IOException {
    GraphProto.Builder graph = Protos.graph(Protos.relu("x", "y"));
    graph
        .getNodeBuilder(0)
        .clearInput()
        .addInputBytes(ByteString.copyFrom(new byte[] {(byte) 0xFF}));
    assertMalformed(graph, "byte 14: a name that is not UTF-8" + DAMAGED);
  }

  @Test
  void deepGraphs() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("g");
    for (int i = 0;
        i < 20;
        i++) { // more than protobuf itself could parse is built below, level by level
      graph =
          GraphProto.newBuilder()
              .addNode(Protos.relu("", "").addAttribute(Protos.attribute("body", graph)));
    }
    byte[] nested = graph.build().toByteArray();
    for (int i = 0; i < 100; i++) {
      nested =
          field(
              Field.GRAPH_NODE, field(Field.NODE_ATTRIBUTE, field(Field.ATTRIBUTE_GRAPH, nested)));
    }
    byte[] model = concat(new byte[] {8, 8}, field(Field.MODEL_GRAPH, nested));
    Path file = directory.resolve("m.onnx");
    Files.write(file, model);
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessageMatching(
            Pattern.quote(file + ": byte ")
                + "\\d+: graphs nested deeper than 100"
                + Pattern.quote(DAMAGED));
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write((number << 3) | WireCursor.BYTES);
    int rest = content.length;
    for (; rest > 127; rest >>>= 7) {
      bytes.write((rest & 127) | 128);
    }
    bytes.write(rest);
    bytes.writeBytes(content);
    return bytes.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  // --- tensors

  @Test
  void negativeExtent() throws IOException {
    assertMalformed(
        Protos.tensor("w", DataType.FLOAT, 2, -1), "has the negative extent -1 on axis 1");
  }

  @Test
  void impossibleExtents() throws IOException {
    assertMalformed(
        Protos.tensor("w", DataType.FLOAT, 1L << 40, 1L << 40),
        "has impossibly large extents [1099511627776, 1099511627776]");
  }

  @Test
  void hugeExtents() throws IOException {
    assertMalformed(
        Protos.tensor("w", DataType.FLOAT, 1L << 50),
        "has 0 values, but its extents [1125899906842624] call for 1125899906842624");
  }

  @Test
  void tooManyAxes() throws IOException {
    assertMalformed(Protos.tensor("w", DataType.FLOAT, new long[65]), "has more than 64 axes");
  }

  @Test
  void tooFewBytes() throws IOException {
    assertMalformed(
        Protos.tensor("w", DataType.FLOAT, 2, 2).setRawData(ByteString.copyFrom(new byte[15])),
        "has 15 bytes of data, but FLOAT with extents [2, 2] takes 16");
  }

  @Test
  void tooManyValues() throws IOException {
    assertMalformed(
        Protos.tensor("w", DataType.INT64, 1).addInt64Data(1).addInt64Data(2),
        "has 2 values, but its extents [1] call for 1");
  }

  @Test
  void valuesOfAnotherType() throws IOException {
    assertMalformed(
        Protos.tensor("w", DataType.INT64, 1).addFloatData(1),
        "has values of another type than INT64");
  }

  @Test
  void contentsTwice() throws IOException {
    assertMalformed(
        Protos.tensor("w", DataType.FLOAT, 1)
            .setRawData(ByteString.copyFrom(new byte[4]))
            .addFloatData(1),
        "has its data twice, raw and as single values");
  }

  @Test
  void rawStrings() throws IOException {
    assertMalformed(
        Protos.tensor("w", DataType.STRING, 1).setRawData(ByteString.copyFrom(new byte[4])),
        "is a tensor of strings, which cannot have raw data");
  }

  @Test
  void tensorWithoutType() throws IOException {
    assertMalformed(Protos.tensor("w", DataType.UNDEFINED, 1), "has no element type");
  }

  @Test
  void segmentedTensor() throws IOException {
    Path file = directory.resolve("m.onnx");
    TensorProto.Builder tensor =
        Protos.floats("w", 1).setSegment(TensorProto.Segment.newBuilder().setBegin(0));
    Files.write(
        file,
        Protos.model(Protos.graph(Protos.relu("x", "y")).addInitializer(tensor))
            .build()
            .toByteArray());
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessage(
            file
                + ": tensor \"w\": is stored in segments, which no ONNX tool writes (store it in one piece)");
  }

  @Test
  void packedFloatsOfOddLength() throws IOException {
    byte[] tensor = HexFormat.of().parseHex("08011001" + "2203000080" + "420177");
    byte[] graph =
        concat(field(Field.GRAPH_NAME, new byte[] {'g'}), field(Field.GRAPH_INITIALIZER, tensor));
    assertMalformed(
        concat(new byte[] {8, 8}, field(Field.MODEL_GRAPH, graph)),
        "byte 15: 3 bytes of values that have 4 each" + DAMAGED);
  }

  // --- graphs

  @Test
  void danglingInput() throws IOException {
    assertMalformed(
        Protos.graph(Protos.relu("x", "h"), Protos.relu("nowhere", "y").setName("act")),
        "Relu \"act\": reads \"nowhere\", which nothing defines");
  }

  @Test
  void danglingOutput() throws IOException {
    assertMalformed(Protos.graph(Protos.relu("x", "h")), "returns \"y\", which nothing defines");
  }

  @Test
  void danglingInputInNestedGraph() throws IOException {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(Protos.relu("nowhere", "h"))
            .addOutput(Protos.value("h"));
    assertMalformed(
        Protos.graph(Protos.relu("x", "y").addAttribute(Protos.attribute("then_branch", body))),
        "graph \"body\": Relu \"-> h\": reads \"nowhere\", which nothing defines");
  }

  @Test
  void resultsOfNestedGraphsAreNotVisibleOutside() throws IOException {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(Protos.relu("x", "inner"))
            .addOutput(Protos.value("inner"));
    assertMalformed(
        Protos.graph(
            Protos.relu("x", "h").addAttribute(Protos.attribute("then_branch", body)),
            Protos.relu("inner", "y")),
        "Relu \"-> y\": reads \"inner\", which nothing defines");
  }

  @Test
  void twoNodesWithOneResult() throws IOException {
    assertMalformed(
        Protos.graph(Protos.relu("x", "y"), Protos.relu("x", "y").setName("second")),
        "Relu \"second\": \"y\" is defined twice (give every value its own name)");
  }

  @Test
  void nodeThatRedefinesInput() throws IOException {
    assertMalformed(
        Protos.graph(Protos.relu("x", "y"), Protos.relu("y", "x")),
        "Relu \"-> x\": \"x\" is defined twice (give every value its own name)");
  }

  @Test
  void twoInitializersOfOneName() throws IOException {
    assertMalformed(
        Protos.graph(Protos.relu("x", "y"))
            .addInitializer(Protos.floats("w", 1))
            .addInitializer(Protos.floats("w", 2)),
        "\"w\" is defined twice (give every value its own name)");
  }

  @Test
  void sparseInitializerOfTakenName() throws IOException {
    GraphProto.Builder graph =
        Protos.graph(Protos.relu("x", "y")).addInitializer(Protos.floats("w", 1));
    graph.addSparseInitializerBuilder().setValues(Protos.floats("w", 1));
    assertMalformed(graph, "\"w\" is defined twice (give every value its own name)");
  }

  @Test
  void twoInputsOfOneName() throws IOException {
    assertMalformed(
        Protos.graph(Protos.relu("x", "y")).addInput(Protos.value("x", 2)),
        "\"x\" is defined twice (give every value its own name)");
  }

  @Test
  void namelessInitializer() throws IOException {
    assertMalformed(
        Protos.graph(Protos.relu("x", "y")).addInitializer(Protos.floats("", 1)),
        "an initializer has no name");
  }

  @Test
  void cycle() throws IOException {
    assertMalformed(
        Protos.graph(
            Protos.relu("x", "y"),
            Protos.node("Add", List.of("x", "c"), List.of("a")).setName("first"),
            Protos.relu("a", "b").setName("second"),
            Protos.relu("b", "c").setName("third")),
        "these nodes wait for each other: Add \"first\", then Relu \"second\", then Relu \"third\", then Add \"first\""
            + " (a graph must not have cycles)");
  }

  @Test
  void nodeThatReadsItself() throws IOException {
    assertMalformed(
        Protos.graph(Protos.node("Add", List.of("x", "y"), List.of("y"))),
        "these nodes wait for each other: Add \"-> y\", then Add \"-> y\" (a graph must not have cycles)");
  }

  @Test
  void cycleThroughNestedGraph() throws IOException {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(Protos.relu("b", "i"))
            .addOutput(Protos.value("i"));
    assertMalformed(
        Protos.graph(
            Protos.node("If", List.of("x"), List.of("y"))
                .addAttribute(Protos.attribute("then_branch", body)),
            Protos.relu("y", "b")),
        "these nodes wait for each other: If \"-> y\", then Relu \"-> b\", then If \"-> y\""
            + " (a graph must not have cycles)");
  }

  @Test
  void longCycleIsShownInPart() throws IOException {
    GraphProto.Builder graph = Protos.graph(Protos.relu("x", "y"));
    for (int i = 0; i < 12; i++) {
      graph.addNode(Protos.relu("v" + (i + 11) % 12, "v" + i).setName("n" + i));
    }
    assertMalformed(
        graph,
        "these nodes wait for each other: Relu \"n0\", then Relu \"n1\", then Relu \"n2\", then Relu \"n3\", then Relu"
            + " \"n4\", then Relu \"n5\", then Relu \"n6\", then Relu \"n7\", then ... (4 more), then Relu \"n0\""
            + " (a graph must not have cycles)");
  }

  @Test
  void attributeTwice() throws IOException {
    assertMalformed(
        Protos.graph(
            Protos.relu("x", "y")
                .addAttribute(Protos.attribute("a", 1))
                .addAttribute(Protos.attribute("a", 2))),
        "Relu \"-> y\": attribute \"a\" is given twice");
  }

  @Test
  void attributeWithoutItsValue() throws IOException {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addNode(
                Protos.relu("x", "y")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("value")
                            .setType(AttributeType.TENSOR)));
    assertMalformed(
        graph,
        "byte 26: attribute \"value\" should have exactly one value of type TENSOR" + DAMAGED);
  }

  @Test
  void declarationThatIsNoMessage() throws IOException {
    byte[] graph = field(Field.GRAPH_INPUT, field(2, new byte[] {10, 100}));
    assertMalformed(
        concat(new byte[] {8, 8}, field(Field.MODEL_GRAPH, graph)),
        "byte 8: field 1 begins here and the file ends before it does, after 10 bytes" + DAMAGED);
  }

  // --- functions

  @Test
  void functionTwice() throws IOException {
    ModelProto.Builder model = Protos.reluModel();
    model.addFunctionsBuilder().setName("f").setDomain("local");
    model.addFunctionsBuilder().setName("f").setDomain("local");
    assertMalformed(
        model, "function local::f: is defined twice (give every function its own name)");
  }

  @Test
  void recursiveFunctions() throws IOException {
    ModelProto.Builder model = Protos.reluModel();
    model
        .addFunctionsBuilder()
        .setName("f")
        .setDomain("l")
        .addNode(Protos.relu("", "").setOpType("g").setDomain("l"));
    model
        .addFunctionsBuilder()
        .setName("g")
        .setDomain("l")
        .addNode(Protos.relu("", "").setOpType("f").setDomain("l"));
    assertMalformed(model, "function l::f: calls itself, directly or through others");
  }

  @Test
  void danglingInputInFunction() throws IOException {
    ModelProto.Builder model = Protos.reluModel();
    model.addFunctionsBuilder().setName("f").setDomain("l").addNode(Protos.relu("x", "y"));
    assertMalformed(model, "graph \"l::f\": Relu \"-> y\": reads \"x\", which nothing defines");
  }
}
