package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Function;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.onnx.AttributeProto;
import io.gohsp.onnx.AttributeProto.AttributeType;
import io.gohsp.onnx.GraphProto;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.NodeProto;
import io.gohsp.onnx.OperatorSetIdProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.onnx.ValueInfoProto;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.MappedFile;
import io.gohsp.tensor.Selection;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changed is written anew, what did not stays, and files appear complete or not at all. */
class OnnxWriterTest {
  @TempDir Path directory;

  private static Model read(ModelProto.Builder model) {
    return OnnxReader.read(model.build().toByteArray(), null);
  }

  private static ModelProto written(Model model) throws IOException {
    return ModelProto.parseFrom(OnnxWriter.toBytes(model));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  // --- edits

  @Test
  void modelMadeInMemoryIsWritten() throws IOException {
    Model model = new Model("made", null);
    model.setIrVersion(8);
    model.opsets().put("", 17L);
    model.metadata().put("k", "v");
    Graph graph = model.graph();
    Value x =
        graph.addInput(
            "x", new ValueType.TensorType(ElementType.FLOAT, List.of(Dim.of("n"), Dim.of(2))));
    Value w = graph.addInitializer("w", Tensor.ofFloats(new long[] {2}, 1, 2));
    Node add = graph.append(OpId.of("Add"), "sum", x, w, null);
    add.setAttribute(Attribute.of("i", 1));
    add.setAttribute(Attribute.of("f", 0.5f));
    add.setAttribute(Attribute.of("s", "text"));
    add.setAttribute(Attribute.ofInts("is", List.of(1L, 2L)));
    add.setAttribute(Attribute.of("t", Tensor.ofLong(3)));
    graph.addOutput(add.output());

    ValueInfoProto.Builder input = Protos.value("x");
    input
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .addDimBuilder()
        .setDimParam("n");
    input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().addDimBuilder().setDimValue(2);
    NodeProto.Builder node =
        Protos.node("Add", List.of("x", "w", ""), List.of("sum")).setName("sum");
    node.addAttribute(Protos.attribute("i", 1));
    node.addAttribute(
        AttributeProto.newBuilder().setName("f").setType(AttributeType.FLOAT).setF(0.5f));
    node.addAttribute(
        AttributeProto.newBuilder()
            .setName("s")
            .setType(AttributeType.STRING)
            .setS(ByteString.copyFromUtf8("text")));
    node.addAttribute(
        AttributeProto.newBuilder()
            .setName("is")
            .setType(AttributeType.INTS)
            .addInts(1)
            .addInts(2));
    node.addAttribute(
        Protos.attribute(
            "t",
            TensorProto.newBuilder()
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .setRawData(ByteString.copyFrom(new byte[] {3, 0, 0, 0, 0, 0, 0, 0}))));
    assertThat(written(model))
        .isEqualTo(
            ModelProto.newBuilder()
                .setIrVersion(8)
                .setGraph(
                    GraphProto.newBuilder()
                        .setName("made")
                        .addNode(node)
                        .addInitializer(Protos.floats("w", 1, 2))
                        .addInput(input)
                        .addOutput(ValueInfoProto.newBuilder().setName("sum")))
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
                .addMetadataProps(Protos.entry("k", "v"))
                .build());
  }

  @Test
  void onlyWhatChangedInNodeChanges() throws IOException {
    ModelProto.Builder proto =
        Protos.model(
            Protos.graph(
                Protos.relu("x", "y")
                    .setDocString("doc")
                    .addAttribute(Protos.attribute("first", 1).setDocString("about first"))
                    .addAttribute(Protos.attribute("second", 2).setDocString("about second"))));
    Model model = read(proto);
    Node node = model.graph().nodes().get(0);
    Attribute old = node.attribute("second");
    node.setAttribute(new Attribute("second", new Attribute.IntsValue(List.of(5L)), old.residue()));
    node.setOp(OpId.of(OpId.MICROSOFT, "Other"));

    NodeProto.Builder expected =
        proto.getGraphBuilder().getNodeBuilder(0).setOpType("Other").setDomain("com.microsoft");
    expected.getAttributeBuilder(1).clearI().setType(AttributeType.INTS).addInts(5);
    assertThat(written(model)).isEqualTo(proto.build());
  }

  @Test
  void attributeMadeAnewStandsWhereTheOldOneStood() throws IOException {
    ModelProto.Builder proto =
        Protos.model(
            Protos.graph(
                Protos.relu("x", "y")
                    .addAttribute(Protos.attribute("t", Protos.floats("n", 1)).setDocString("doc"))
                    .addAttribute(Protos.attribute("second", 2))));
    Model model = read(proto);
    Node node = model.graph().nodes().get(0);
    Attribute old = node.attribute("t");
    node.setAttribute(
        new Attribute(
            "t", new Attribute.TensorValue(Tensor.ofFloats(new long[] {2}, 3, 4)), old.residue()));
    proto
        .getGraphBuilder()
        .getNodeBuilder(0)
        .getAttributeBuilder(0)
        .setT(Protos.floats("n", 3, 4).clearName());
    assertThat(written(model)).isEqualTo(proto.build());
  }

  @Test
  void changedTypesAreWrittenAndKeepTheirDenotations() throws IOException {
    ModelProto.Builder proto =
        Protos.model(Protos.graph(Protos.relu("x", "h"), Protos.relu("h", "y")));
    GraphProto.Builder graph = proto.getGraphBuilder();
    graph.addValueInfo(Protos.value("stranger", 9)).addValueInfo(Protos.value("h", 2, 3));
    var h = graph.getValueInfoBuilder(1).setDocString("doc").getTypeBuilder();
    h.setDenotation("D");
    h.getTensorTypeBuilder().getShapeBuilder().getDimBuilder(0).setDenotation("N");
    Model model = read(proto);
    Value value = model.graph().nodes().get(0).output();
    value.setType(ValueType.TensorType.of(ElementType.FLOAT, 2, 4));
    model.graph().outputs().get(0).setType(null);
    h.getTensorTypeBuilder().getShapeBuilder().getDimBuilder(1).setDimValue(4);
    graph.getOutputBuilder(0).clearType();
    assertThat(written(model)).isEqualTo(proto.build());

    model.graph().undeclare(value);
    graph.removeValueInfo(1);
    assertThat(written(model)).isEqualTo(proto.build());

    model.graph().declare(value);
    graph.addValueInfo(Protos.value("h", 2, 4).setDocString("doc").setType(h.build()));
    assertThat(written(model)).isEqualTo(proto.build());
  }

  @Test
  void entriesKeepTheirOrderAndChangedOnesTheirPlace() throws IOException {
    ModelProto.Builder proto = Protos.reluModel();
    proto.addOpsetImportBuilder().setDomain("gone").setVersion(1);
    proto.addMetadataProps(Protos.entry("a", "1")).addMetadataProps(Protos.entry("b", "2"));
    Model model = read(proto);
    model.opsets().put("", 18L);
    model.opsets().remove("gone");
    model.opsets().put("com.microsoft", 1L);
    model.metadata().put("a", "changed");
    model.metadata().put("c", "3");
    proto.getOpsetImportBuilder(0).setVersion(18);
    proto.getOpsetImportBuilder(1).setDomain("com.microsoft");
    proto.getMetadataPropsBuilder(0).setValue("changed");
    proto.addMetadataProps(Protos.entry("c", "3"));
    assertThat(written(model)).isEqualTo(proto.build());
  }

  @Test
  void slicedTensorIsGatheredWhenItIsWritten() throws IOException {
    GraphProto.Builder graph = Protos.graph(Protos.relu("x", "y"));
    graph.addInitializer(
        Protos.floats("w", 1, 2, 3, 4, 5, 6).clearDims().addDims(2).addDims(3).setDocString("doc"));
    Model model = read(Protos.model(graph));
    Value w = model.graph().initializers().get(0);
    w.setConstant(
        w.constant()
            .select(
                new Selection(
                    List.of(Selection.Axis.all(2), Selection.Axis.of(3, new int[] {0, 2})))));
    assertThat(written(model).getGraph().getInitializer(0))
        .isEqualTo(Protos.floats("w", 1, 3, 4, 6).clearDims().addDims(2).addDims(2).build());
  }

  @Test
  void clonedFunctionGetsItsOwnName() throws IOException {
    ModelProto.Builder proto = Protos.reluModel();
    proto.addFunctionsBuilder().setName("f").setDomain("l").setDocString("doc");
    Model model = read(proto);
    Function f = model.functions().get(0);
    model.addFunction(
        new Function(
            new OpId("l", "f", "2"),
            f.body(),
            f.attributes(),
            f.defaults(),
            f.opsets(),
            f.residue()));
    assertThat(written(model).getFunctionsList())
        .containsExactly(
            proto.getFunctions(0), proto.getFunctions(0).toBuilder().setOverload("2").build());
  }

  @Test
  void editsInsideNestedGraphsAreWritten() throws IOException {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(Protos.relu("x", "i"))
            .addOutput(Protos.value("i"));
    ModelProto.Builder proto =
        Protos.model(
            Protos.graph(
                Protos.node("If", List.of("x"), List.of("y"))
                    .addAttribute(Protos.attribute("then_branch", body).setDocString("doc"))));
    Model model = read(proto);
    Graph nested = model.graph().nodes().get(0).subgraphs().toList().get(0);
    nested.nodes().get(0).setOp(OpId.of("Gelu"));
    proto
        .getGraphBuilder()
        .getNodeBuilder(0)
        .getAttributeBuilder(0)
        .getGBuilder()
        .getNodeBuilder(0)
        .setOpType("Gelu");
    assertThat(written(model)).isEqualTo(proto.build());
  }

  // --- files

  @Test
  void existingFileIsReplaced() throws IOException {
    Path file = directory.resolve("out.onnx");
    Files.writeString(file, "old");
    OnnxWriter.write(read(Protos.reluModel()), file);
    assertThat(file).hasBinaryContent(Protos.reluModel().build().toByteArray());
    assertThat(files()).containsExactly("out.onnx");
  }

  @Test
  void modelIsNeverWrittenOverItself() throws IOException {
    Path file = directory.resolve("m.onnx");
    Files.write(file, Protos.reluModel().build().toByteArray());
    Model model = OnnxReader.read(file);
    Path link = Files.createSymbolicLink(directory.resolve("link.onnx"), file);
    Path second = Files.createLink(directory.resolve("second.onnx"), file);
    for (Path target : List.of(file, link, second)) {
      assertThatThrownBy(() -> OnnxWriter.write(model, target))
          .isInstanceOf(IOException.class)
          .hasMessage(
              target
                  + " is a file that the model was read from, which is never overwritten; name another");
    }
    assertThat(files()).containsExactly("link.onnx", "m.onnx", "second.onnx");
  }

  @Test
  void missingDirectoryIsNamed() {
    Path file = directory.resolve("gone").resolve("m.onnx");
    assertThatThrownBy(() -> OnnxWriter.write(read(Protos.reluModel()), file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file + " cannot be written: there is no directory " + directory.resolve("gone"));
  }

  @Test
  void directoryIsNotReplaced() {
    assertThatThrownBy(() -> OnnxWriter.write(read(Protos.reluModel()), directory))
        .isInstanceOf(IOException.class)
        .hasMessage(directory + " is a directory; name a file in it");
  }

  // --- size

  @Test
  void modelOverTheLimitGetsSideFile() throws IOException {
    GraphProto.Builder graph = Protos.graph(Protos.relu("x", "y"));
    float[] large = new float[300];
    large[299] = 5;
    graph
        .addInitializer(Protos.floats("small", 1, 2))
        .addInitializer(Protos.floats("large", large));
    graph.addInitializer(Protos.floats("other", large));
    Path file = directory.resolve("out.onnx");
    Model model = read(Protos.model(graph));
    long length = OnnxWriter.bytesLength(model);

    OnnxWriter.write(model, file, length);
    assertThat(files()).containsExactly("out.onnx");

    OnnxWriter.write(model, file, length - 1);
    assertThat(files()).hasSize(2).contains("out.onnx");
    String side =
        files().stream().filter(name -> !name.equals("out.onnx")).findFirst().orElseThrow();
    assertThat(side).matches("out\\.onnx\\.[0-9a-f]{16}\\.data");
    assertThat(Files.size(directory.resolve(side)))
        .isEqualTo(1216 + 1200); // 1200 rounded up to 64s
    assertThat(ModelProto.parseFrom(Files.readAllBytes(file)).getGraph().getInitializerList())
        .containsExactly(
            Protos.floats("small", 1, 2).build(),
            Protos.external("large", side, 0, 1200, 300).build(),
            Protos.external("other", side, 1216, 1200, 300).build());
    assertThat(OnnxWriter.toBytes(OnnxReader.read(file))).isEqualTo(OnnxWriter.toBytes(model));
  }

  @Test
  void modelThatIsTooLargeEvenWithoutWeightsIsRefused() {
    Model model = read(Protos.reluModel());
    Path file = directory.resolve("out.onnx");
    long length = OnnxWriter.bytesLength(model);
    assertThatThrownBy(() -> OnnxWriter.write(model, file, 10))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file
                + ": the model takes "
                + length
                + " bytes without its large weights, more than ONNX allows");
  }

  /** Contents that several tensors share are written once, which also keeps this test small. */
  @Test
  @Tag("slow")
  void modelOfMoreThanTwoGigabytesGetsSideFile() throws IOException {
    long bytes = 1_200_000_000L; // more than one view of a mapped file holds
    Path sparse = directory.resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(bytes + 4);
      file.seek(bytes);
      file.write(new byte[] {0, 0, (byte) 0x80, 0x3F});
    }
    TensorData data = new TensorData.Mapped(MappedFile.open(sparse), 4, bytes);
    Model model = read(Protos.reluModel());
    model.graph().addInitializer("a", new Tensor(ElementType.FLOAT, new long[] {bytes / 4}, data));
    model
        .graph()
        .addInitializer("b", new Tensor(ElementType.FLOAT, new long[] {bytes / 8, 2}, data));
    assertThat(OnnxWriter.bytesLength(model)).isGreaterThan(2 * bytes);
    Path file = directory.resolve("out.onnx");
    OnnxWriter.write(model, file);
    assertThat(Files.size(OnnxReader.files(OnnxReader.read(file)).get(1))).isEqualTo(bytes);

    List<Value> read = OnnxReader.read(file).graph().initializers();
    assertThat(read)
        .hasSize(2)
        .allSatisfy(w -> assertThat(w.constant().data().byteSize()).isEqualTo(bytes));
    assertThat(read.get(1).constant().data().view(bytes - 4, 4).getFloat()).isEqualTo(1);
  }
}
