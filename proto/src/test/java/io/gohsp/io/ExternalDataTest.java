package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Side files: found where they may be, refused where they may not, and written anew. */
class ExternalDataTest {
  private static final String TOGETHER =
      " (keep the model and its data in one directory, as plain files)";

  @TempDir Path root;
  private Path directory;
  private Path file;

  @BeforeEach
  void makeDirectories() throws IOException {
    directory = Files.createDirectories(root.resolve("model"));
    file = directory.resolve("m.onnx");
    Files.write(root.resolve("secret"), floats(7, 8));
    Files.write(directory.resolve("weights"), floats(1, 2, 3, 4));
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private Model read(TensorProto.Builder tensor) throws IOException {
    ModelProto model =
        Protos.model(Protos.graph(Protos.relu("x", "y")).addInitializer(tensor)).build();
    Files.write(file, model.toByteArray());
    return OnnxReader.read(file);
  }

  private void assertRefused(TensorProto.Builder tensor, String problem) {
    assertThatThrownBy(() -> read(tensor))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage(file + ": tensor \"w\": " + problem);
  }

  private static float[] weights(Model model) {
    return model.graph().initializers().get(0).constant().floats();
  }

  @Test
  void rangeOfSideFileIsMapped() throws IOException {
    Model model = read(Protos.external("w", "weights", 4, 8, 2));
    assertThat(weights(model)).containsExactly(2, 3);
    assertThat(model.graph().initializers().get(0).constant().data())
        .isInstanceOf(TensorData.Mapped.class);
  }

  @Test
  void offsetAndLengthMayBeLeftOut() throws IOException {
    TensorProto.Builder tensor = Protos.external("w", "weights", 0, 16, 4);
    tensor.removeExternalData(2).removeExternalData(1);
    assertThat(weights(read(tensor))).containsExactly(1, 2, 3, 4);
  }

  @Test
  void sideFileMayLieInDirectoryBelowAndBeLinkThatStaysInside() throws IOException {
    Path below = Files.createDirectory(directory.resolve("data"));
    Files.createSymbolicLink(below.resolve("link"), directory.resolve("weights"));
    assertThat(weights(read(Protos.external("w", "data/link", 0, 8, 2)))).containsExactly(1, 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../secret",
        "data/../../secret",
        "..\\secret",
        "..",
        "/etc/hostname",
        "\\share\\x",
        "C:\\x"
      })
  void nameThatLeavesDirectoryIsRefused(String name) {
    assertRefused(
        Protos.external("w", name, 0, 8, 2),
        "its data is in \""
            + name
            + "\", which does not name a file in the model's directory"
            + TOGETHER);
  }

  @Test
  void linkOutOfDirectoryIsRefused() throws IOException {
    Files.createSymbolicLink(directory.resolve("link"), root.resolve("secret"));
    assertRefused(
        Protos.external("w", "link", 0, 8, 2),
        "its data is in \"link\", which is a link that leads out of the model's directory"
            + TOGETHER);
  }

  @Test
  void linkedDirectoryIsRefused() throws IOException {
    Files.createSymbolicLink(directory.resolve("up"), root);
    assertRefused(
        Protos.external("w", "up/secret", 0, 8, 2),
        "its data is in \"up/secret\", which is a link that leads out of the model's directory"
            + TOGETHER);
  }

  @Test
  void hardLinkIsRefused() throws IOException {
    Files.createLink(directory.resolve("second"), root.resolve("secret"));
    assertRefused(
        Protos.external("w", "second", 0, 8, 2),
        "its data is in \"second\", which has a second name elsewhere (a hard link)" + TOGETHER);
  }

  @Test
  void directoryIsRefused() throws IOException {
    Files.createDirectory(directory.resolve("data"));
    assertRefused(
        Protos.external("w", "data", 0, 8, 2),
        "its data is in \"data\", which is not a file" + TOGETHER);
  }

  @Test
  void missingFileIsNamed() {
    assertRefused(
        Protos.external("w", "gone.data", 0, 8, 2),
        "its data is in "
            + directory.resolve("gone.data")
            + ", which does not exist (put that file beside the model)");
  }

  @Test
  void emptyNameIsRefused() {
    assertRefused(Protos.external("w", "", 0, 8, 2), "its data is in a side file without a name");
  }

  @Test
  void impossibleNameIsRefused() {
    assertRefused(
        Protos.external("w", "a\0b", 0, 8, 2),
        "its data is in \"a\0b\", which no file can be called");
  }

  @ParameterizedTest
  @CsvSource({
    "12, 8, 12 to 20",
    "9223372036854775800, 8, 9223372036854775800 to 9223372036854775808"
  })
  void rangeBeyondFileIsRefused(long offset, long length, String range) {
    assertRefused(
        Protos.external("w", "weights", offset, length, 2),
        "bytes "
            + range
            + " of \"weights\", which has only 16 (the file is cut off or belongs to another model)");
  }

  @Test
  void lengthThatDoesNotFitExtentsIsRefused() {
    assertRefused(
        Protos.external("w", "weights", 0, 16, 2),
        "has 16 bytes in \"weights\", but its type and extents call for 8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-4", "four", "99999999999999999999"})
  void offsetThatIsNoNumberIsRefused(String offset) {
    TensorProto.Builder tensor = Protos.external("w", "weights", 0, 8, 2);
    tensor.setExternalData(1, Protos.entry("offset", offset));
    assertRefused(
        tensor,
        "the offset of its external data is \"" + offset + "\", which is no number of bytes");
  }

  @Test
  void stringsInSideFileAreRefused() {
    assertRefused(
        Protos.external("w", "weights", 0, 8, 2).setDataType(TensorProto.DataType.STRING_VALUE),
        "is a tensor of strings, whose data cannot be in a side file");
  }

  @Test
  void modelInMemoryHasNoSideFiles() {
    ModelProto model =
        Protos.model(
                Protos.graph(Protos.relu("x", "y"))
                    .addInitializer(Protos.external("w", "weights", 0, 8, 2)))
            .build();
    assertThatThrownBy(() -> OnnxReader.read(model.toByteArray(), null))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessage(
            "tensor \"w\": its data is in the file \"weights\" (read the model from its file, not from memory)");
  }

  @Test
  void carriedAlongTensorsMustBeInside() {
    assertThatThrownBy(
            () -> {
              ModelProto.Builder model = Protos.reluModel();
              model
                  .getGraphBuilder()
                  .addSparseInitializerBuilder()
                  .setValues(Protos.external("w", "weights", 0, 8, 2));
              OnnxReader.read(model.build().toByteArray(), file);
            })
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessage(
            file
                + ": tensor \"w\": a tensor in this place cannot have its data in a side file"
                + " (save the model with all data inside)");
  }

  @Test
  void externalTensorsStayExternalUnderNewName() throws IOException {
    Model model = read(Protos.external("w", "weights", 4, 8, 2).setDocString("kept"));
    Path copy = root.resolve("copy.onnx");
    OnnxWriter.write(model, copy);
    Path side = sideFile(copy);
    assertThat(Files.readAllBytes(side)).isEqualTo(floats(2, 3));
    TensorProto written =
        ModelProto.parseFrom(Files.readAllBytes(copy)).getGraph().getInitializer(0);
    assertThat(written)
        .isEqualTo(Protos.external("w", name(side), 0, 8, 2).setDocString("kept").build());
    assertThat(weights(OnnxReader.read(copy))).containsExactly(2, 3);
  }

  @Test
  void constantNodesMayBeExternalToo() throws IOException {
    ModelProto model =
        Protos.model(
                Protos.graph(
                    Protos.relu("x", "y"),
                    Protos.node("Constant", List.of(), List.of("c"))
                        .addAttribute(
                            Protos.attribute("value", Protos.external("w", "weights", 8, 8, 2))
                                .setDocString("kept"))))
            .build();
    Files.write(file, model.toByteArray());
    OnnxWriter.write(OnnxReader.read(file), root.resolve("copy.onnx"));
    Path side = sideFile(root.resolve("copy.onnx"));
    assertThat(Files.readAllBytes(side)).isEqualTo(floats(3, 4));
    var written = ModelProto.parseFrom(Files.readAllBytes(root.resolve("copy.onnx")));
    assertThat(written.getGraph().getNode(1).getAttribute(0))
        .isEqualTo(
            Protos.attribute("value", Protos.external("w", name(side), 0, 8, 2))
                .setDocString("kept")
                .build());
  }

  @Test
  void bytesOfModelStandAlone() throws IOException {
    byte[] bytes = OnnxWriter.toBytes(read(Protos.external("w", "weights", 4, 8, 2)));
    TensorProto written = ModelProto.parseFrom(bytes).getGraph().getInitializer(0);
    assertThat(written).isEqualTo(Protos.floats("w", 2, 3).build());
  }

  /** Not even where it is called what side files of that model are called. */
  @Test
  void sideFileIsNeverOverwrittenByItsOwnModel() throws IOException {
    String old = "copy.onnx.0123456789abcdef.data";
    Files.move(directory.resolve("weights"), directory.resolve(old));
    Model model = read(Protos.external("w", old, 4, 8, 2));
    Path copy = directory.resolve("copy.onnx");
    OnnxWriter.write(model, copy);
    assertThat(weights(OnnxReader.read(copy))).containsExactly(2, 3);
    assertThat(Files.readAllBytes(directory.resolve(old))).isEqualTo(floats(1, 2, 3, 4));
  }

  /** The side file of a model that was written. */
  private static Path sideFile(Path model) throws IOException {
    try (Stream<Path> all = Files.list(model.getParent())) {
      return all.filter(path -> name(path).matches(name(model) + "\\.[0-9a-f]{16}\\.data"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
