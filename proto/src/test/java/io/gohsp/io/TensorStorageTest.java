package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import com.google.protobuf.ByteString;
import io.gohsp.ir.Model;
import io.gohsp.onnx.GraphProto;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.onnx.TensorProto.DataType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * However a file stores a tensor, its contents are the same raw bytes, and it is written back as it
 * was.
 */
class TensorStorageTest {

  /** Tensors in every form, with what they are in raw layout. */
  static Stream<Arguments> forms() {
    return Stream.of(
        form("3f80000000000000", floats().setRawData(bytes("3f80000000000000"))),
        form("0000803f000000c0", floats().addFloatData(1).addFloatData(-2)),
        form(
            "010000000000000002000000ffffffff", longs().addInt64Data(1).addInt64Data(-4294967294L)),
        form(
            "000000000000f03f0000000000000040",
            of(DataType.DOUBLE).addDoubleData(1).addDoubleData(2)),
        form(
            "0100000000000000ffffffffffffffff",
            of(DataType.UINT64).addUint64Data(1).addUint64Data(-1)),
        form("01000000ffffffff", of(DataType.UINT32).addUint64Data(1).addUint64Data(0xFFFFFFFFL)),
        form("01000000feffffff", ints(DataType.INT32, 1, -2)),
        form("0100feff", ints(DataType.INT16, 1, -2)),
        form("0100ffff", ints(DataType.UINT16, 1, 65535)),
        form("01fe", ints(DataType.INT8, 1, -2)),
        form("01ff", ints(DataType.UINT8, 1, 255)),
        form("0100", ints(DataType.BOOL, 1, 0)),
        form("003c00c0", ints(DataType.FLOAT16, 0x3C00, 0xC000)),
        form("803f00c0", ints(DataType.BFLOAT16, 0x3F80, 0xC000)),
        form("38c0", ints(DataType.FLOAT8E4M3FN, 0x38, 0xC0)),
        form("38c0", ints(DataType.FLOAT8E4M3FNUZ, 0x38, 0xC0)),
        form("38c0", ints(DataType.FLOAT8E5M2, 0x38, 0xC0)),
        form("38c0", ints(DataType.FLOAT8E5M2FNUZ, 0x38, 0xC0)),
        form("38c0", ints(DataType.FLOAT8E8M0, 0x38, 0xC0)),
        form("21", ints(DataType.UINT4, 0x21)),
        form("f1", ints(DataType.INT4, 0xF1)),
        form("f1", ints(DataType.FLOAT4E2M1, 0xF1)),
        form("2103", Protos.tensor("w", DataType.INT4, 3).addInt32Data(0x21).addInt32Data(3)),
        form("e4", Protos.tensor("w", DataType.UINT2, 4).addInt32Data(0xE4)),
        form("e401", Protos.tensor("w", DataType.INT2, 5).setRawData(bytes("e401"))),
        form("ff0f", Protos.tensor("w", DataType.FLOAT6E2M3, 2).setRawData(bytes("ff0f"))),
        form("ff0f", ints(DataType.FLOAT6E3M2, 0xFF, 0x0F)),
        form(
            "0000803f0000004000004040000080c0",
            of(DataType.COMPLEX64)
                .addFloatData(1)
                .addFloatData(2)
                .addFloatData(3)
                .addFloatData(-4)),
        form(
            "000000000000f03f000000000000f03f",
            Protos.tensor("w", DataType.COMPLEX128, 1).addDoubleData(1).addDoubleData(1)),
        form("0000803f", Protos.tensor("w", DataType.FLOAT).addFloatData(1)),
        form("", Protos.tensor("w", DataType.FLOAT, 0, 3)),
        form("", Protos.tensor("w", DataType.FLOAT, 0).setRawData(ByteString.EMPTY)),
        form(
            "010000006101000000ff",
            of(DataType.STRING)
                .addStringData(ByteString.copyFromUtf8("a"))
                .addStringData(bytes("ff"))),
        form(
            "010203",
            Protos.tensor("w", DataType.FLOAT, 2).setDataType(77).setRawData(bytes("010203"))));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void contentsAreRawAndFormIsKept(String raw, TensorProto tensor) {
    byte[] bytes = modelWith(tensor).toByteArray();
    Model model = OnnxReader.read(bytes, null);
    Tensor read = model.graph().initializers().get(0).constant();
    assertThat(hex(read.data())).isEqualTo(raw);
    assertThat(read.dims())
        .containsExactly(tensor.getDimsList().stream().mapToLong(d -> d).toArray());
    assertThat(OnnxWriter.toBytes(model)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void formIsKeptInAttributes(String raw, TensorProto tensor) {
    GraphProto.Builder graph =
        Protos.graph(
            Protos.relu("x", "y"),
            Protos.node("Constant", List.of(), List.of("c"))
                .addAttribute(Protos.attribute("value", tensor.toBuilder())));
    byte[] bytes = Protos.model(graph).build().toByteArray();
    assertThat(OnnxWriter.toBytes(OnnxReader.read(bytes, null))).isEqualTo(bytes);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void formIsKeptUnderAnotherName(String raw, TensorProto tensor) throws IOException {
    Model model = OnnxReader.read(modelWith(tensor).toByteArray(), null);
    Tensor read = model.graph().initializers().get(0).constant();
    model.graph().addInitializer("twin", read);
    ModelProto written = ModelProto.parseFrom(OnnxWriter.toBytes(model));
    assertThat(written.getGraph().getInitializerList())
        .containsExactly(tensor, tensor.toBuilder().setName("twin").build());
  }

  /**
   * Writers of old wrote repeated fields one by one, and a tensor may come in several packed parts.
   */
  @Test
  void unpackedValuesAreRead() throws IOException {
    byte[] tensor =
        HexFormat.of()
            .parseHex("0803" + "1001" + "42" + "0177" + "250000803f" + "220800000040" + "00004040");
    ModelProto around = Protos.reluModel().build();
    Rope graph =
        new WireMessage()
            .keep(document(around.getGraph().toByteArray()).all(), Set.of())
            .put(Field.GRAPH_INITIALIZER, new Piece.Bytes(tensor))
            .rope();
    byte[] bytes =
        write(
            new WireMessage()
                .keep(document(around.toByteArray()).all(), Set.of(Field.MODEL_GRAPH))
                .put(Field.MODEL_GRAPH, graph)
                .rope());
    Model model = OnnxReader.read(bytes, null);
    assertThat(model.graph().initializers().get(0).constant().floats()).containsExactly(1, 2, 3);
    assertThat(OnnxWriter.toBytes(model)).isEqualTo(bytes);
  }

  /** Floats lie in the message as they do in raw data, so nothing is copied. */
  @Test
  void floatValuesStayWhereTheyAre() {
    byte[] bytes = modelWith(floats().addFloatData(1).addFloatData(2).build()).toByteArray();
    Model model = OnnxReader.read(bytes, null);
    Tensor before = model.graph().initializers().get(0).constant();
    int at = indexOf(bytes, HexFormat.of().parseHex("0000803f"));
    bytes[at + 3] = 0x40;
    bytes[at + 2] = 0x40;
    assertThat(before.floats()).containsExactly(3, 2);
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i <= bytes.length - part.length; i++) {
      if (ByteBuffer.wrap(bytes, i, part.length).equals(ByteBuffer.wrap(part))) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  private static Document document(byte[] bytes) {
    return new Document(new TensorData.Heap(ByteBuffer.wrap(bytes)), null);
  }

  private static byte[] write(Rope rope) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    rope.writeTo(Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  private static ModelProto modelWith(TensorProto tensor) {
    return Protos.model(Protos.graph(Protos.relu("x", "y")).addInitializer(tensor)).build();
  }

  private static String hex(TensorData data) {
    byte[] bytes = new byte[(int) data.byteSize()];
    data.bytes().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static Arguments form(String raw, TensorProto.Builder tensor) {
    TensorProto built = tensor.build();
    DataType type = DataType.forNumber(built.getDataType());
    String form =
        built.getAllFields().keySet().stream()
            .map(field -> field.getName())
            .filter(field -> field.endsWith("_data"))
            .findFirst()
            .orElse("nothing");
    Named<TensorProto> shown = named(type + " in " + form + " " + built.getDimsList(), built);
    return Arguments.of(raw, shown);
  }

  private static TensorProto.Builder of(DataType type) {
    return Protos.tensor("w", type, 2);
  }

  private static TensorProto.Builder floats() {
    return of(DataType.FLOAT);
  }

  private static TensorProto.Builder longs() {
    return of(DataType.INT64);
  }

  private static TensorProto.Builder ints(DataType type, int... values) {
    TensorProto.Builder tensor = of(type);
    for (int value : values) {
      tensor.addInt32Data(value);
    }
    return tensor;
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }
}
