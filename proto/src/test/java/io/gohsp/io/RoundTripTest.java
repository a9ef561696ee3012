package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.OperatorSetIdProto;
import io.gohsp.onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is read and not touched is written as it was, whoever exported it. */
class RoundTripTest {
  private static final Path FIXTURES =
      Path.of(
          System.getProperty("gohsp.testdata", Path.of("..", "testdata").toString()), "fixtures");

  /** Writes its weights to a side file, which gets another name with the copy. */
  private static final String EXTERNAL = "timm_vit__external";

  @TempDir Path directory;

  static List<String> fixtures() throws IOException {
    try (Stream<Path> folders = Files.list(FIXTURES)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("model.onnx")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void untouchedModelComesOutByteForByte(String fixture) throws IOException {
    Path original = FIXTURES.resolve(fixture).resolve("model.onnx");
    Model model = OnnxReader.read(original);
    IrVerifier.verify(model);
    Path copy = directory.resolve("model.onnx");
    OnnxWriter.write(model, copy);
    if (!fixture.equals(EXTERNAL)) {
      assertThat(copy).hasSameBinaryContentAs(original);
    }

    Path second = Files.createDirectory(directory.resolve("second")).resolve("model.onnx");
    OnnxWriter.write(OnnxReader.read(copy), second);
    assertThat(second).hasSameBinaryContentAs(copy);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void copyOfModelIsWrittenLikeTheModel(String fixture) {
    Model model = OnnxReader.read(FIXTURES.resolve(fixture).resolve("model.onnx"));
    assertThat(OnnxWriter.toBytes(ModelCopy.of(model).model()))
        .isEqualTo(OnnxWriter.toBytes(model));
    assertThat(OnnxWriter.bytesLength(model)).isEqualTo(OnnxWriter.toBytes(model).length);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void fieldsNewerThanThisProgramSurviveInEveryMessage(String fixture) throws IOException {
    byte[] original = Files.readAllBytes(FIXTURES.resolve(fixture).resolve("model.onnx"));
    ModelProto.Builder planted = ModelProto.parseFrom(original).toBuilder();
    plant(planted, 0);
    Path file = directory.resolve("model.onnx");
    Files.write(file, planted.build().toByteArray());
    if (fixture.equals(EXTERNAL)) {
      Files.copy(
          FIXTURES.resolve(fixture).resolve("model.onnx.data"),
          directory.resolve("model.onnx.data"));
    }

    ModelProto written = ModelProto.parseFrom(OnnxWriter.toBytes(OnnxReader.read(file)));
    if (fixture.equals(EXTERNAL)) {
      assertThat(withoutContents(written)).isEqualTo(withoutContents(planted.build()));
    } else {
      assertThat(written).isEqualTo(planted.build());
    }
  }

  private static ModelProto withoutContents(ModelProto model) {
    ModelProto.Builder result = model.toBuilder();
    for (TensorProto.Builder tensor : result.getGraphBuilder().getInitializerBuilderList()) {
      tensor.clearExternalData().clearDataLocation().clearRawData();
    }
    return result.build();
  }

  /**
   * Puts an unknown field, different in each message, into {@code message} and every message in it.
   */
  private static int plant(Message.Builder message, int number) {
    int next = number + 1;
    message.setUnknownFields(
        UnknownFieldSet.newBuilder(message.getUnknownFields())
            .addField(1000, UnknownFieldSet.Field.newBuilder().addVarint(number).build())
            .addField(
                1001,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("new"))
                    .build())
            .build());
    for (FieldDescriptor field : List.copyOf(message.getAllFields().keySet())) {
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      if (!field.isRepeated()) {
        next = plant(message.getFieldBuilder(field), next);
        continue;
      }
      for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
        next = plant(message.getRepeatedFieldBuilder(field, i), next);
      }
    }
    return next;
  }

  /** One of everything that no exporter in the fixtures writes. */
  @Test
  void rareFieldsSurvive() throws IOException {
    ModelProto.Builder model = Protos.model(Protos.graph(Protos.relu("x", "y")));
    model
        .setDomain("org.example")
        .setModelVersion(3)
        .setDocString("doc")
        .addMetadataProps(Protos.entry("k", "v"));
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(3));
    model.setOpsetImport(0, OperatorSetIdProto.newBuilder().setDomain("ai.onnx").setVersion(99));
    model
        .addTrainingInfoBuilder()
        .getAlgorithmBuilder()
        .setName("step")
        .addNode(Protos.relu("p", "q"));
    model.addConfigurationBuilder().setName("two").setNumDevices(2).addDevice("a").addDevice("b");
    var graph = model.getGraphBuilder();
    graph.setDocString("graph doc").addMetadataProps(Protos.entry("g", "h"));
    graph
        .addQuantizationAnnotationBuilder()
        .setTensorName("x")
        .addQuantParameterTensorNames(Protos.entry("SCALE", "s"));
    graph
        .addSparseInitializerBuilder()
        .setValues(Protos.floats("sparse", 1, 2))
        .setIndices(
            Protos.tensor("", TensorProto.DataType.INT64, 2).addInt64Data(0).addInt64Data(5))
        .addDims(8);
    graph.addValueInfo(Protos.value("never_there", 7)).addValueInfo(Protos.value("sparse", 8));
    var node = graph.getNodeBuilder(0);
    node.addInput("sparse")
        .setDocString("node doc")
        .setDomain("ai.onnx")
        .addMetadataProps(Protos.entry("n", "m"));
    node.addDeviceConfigurationsBuilder().setConfigurationId("two").setPipelineStage(1);
    node.addAttribute(Protos.attribute("a", 1).setDocString("attribute doc"));
    graph.getInputBuilder(0).setDocString("input doc").getTypeBuilder().setDenotation("IMAGE");
    byte[] bytes = model.build().toByteArray();

    Model read = OnnxReader.read(bytes, null);
    assertThat(read.opset()).isEqualTo(99);
    assertThat(read.graph().nodes().get(0).is("Relu")).isTrue();
    assertThat(read.graph().nodes().get(0).input(1).isUsed()).isTrue();
    assertThat(OnnxWriter.toBytes(read)).isEqualTo(bytes);
  }

  @Test
  void versionsNewerThanThisProgramAreReadAllTheSame() {
    ModelProto.Builder model = Protos.reluModel().setIrVersion(4000);
    model.getOpsetImportBuilder(0).setVersion(3000);
    Model read = OnnxReader.read(model.build().toByteArray(), null);
    assertThat(read.irVersion()).isEqualTo(4000);
    assertThat(read.opset()).isEqualTo(3000);
  }

  @Test
  void modelIsReadFromPartOfBuffer() {
    byte[] model = Protos.reluModel().build().toByteArray();
    ByteBuffer buffer = ByteBuffer.allocateDirect(model.length + 6);
    buffer.position(3).put(model).flip().position(3);
    assertThat(OnnxWriter.toBytes(OnnxReader.read(buffer, null))).isEqualTo(model);
  }
}
