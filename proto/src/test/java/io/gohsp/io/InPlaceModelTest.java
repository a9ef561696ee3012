package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.onnx.ModelProto;
import io.gohsp.onnx.TensorProto;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import io.gohsp.text.OnnxText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InPlaceModelTest {
  private static final String TEXT =
      """
      <ir_version: 8, opset_import: ["" : 17]>
      linear (float[B,32] x) => (float[B,32] y)
      <float[32,32] w = random(1, 0.1), float[32] b = random(2, 0.1)> {
        p = MatMul(x, w)
        y = Add(p, b)
      }
      """;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("model.onnx");
    OnnxWriter.write(OnnxText.parse(TEXT), file);
  }

  private static TensorProto initializer(InPlaceModel image, String name) throws IOException {
    return ModelProto.parseFrom(image.message()).getGraph().getInitializerList().stream()
        .filter(tensor -> tensor.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> reference(TensorProto tensor) {
    Map<String, String> entries = new LinkedHashMap<>();
    tensor.getExternalDataList().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
    return entries;
  }

  @Test
  void largeWeightsAreReferencesToWhereTheyLie() throws IOException {
    Model model = OnnxReader.read(file);
    InPlaceModel image = InPlaceModel.of(model);
    assertThat(image.directory()).contains(folder.toRealPath());
    assertThat(image.length()).isLessThan(1024).isEqualTo(image.message().remaining());
    TensorProto w = initializer(image, "w");
    assertThat(w.hasRawData()).isFalse();
    assertThat(w.getDataLocation()).isEqualTo(TensorProto.DataLocation.EXTERNAL);
    Map<String, String> reference = reference(w);
    assertThat(reference).containsEntry("location", "model.onnx").containsEntry("length", "4096");
    int offset = Integer.parseInt(reference.get("offset"));
    ByteBuffer there = ByteBuffer.wrap(Files.readAllBytes(file)).slice(offset, 4096);
    assertThat(there).isEqualTo(value(model, "w").data().bytes());
    assertThat(initializer(image, "b").hasRawData()).isTrue(); // small
  }

  private static Tensor value(Model model, String name) {
    return model.graph().initializers().stream()
        .filter(v -> v.name().equals(name))
        .map(Value::constant)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void weightsMadeInMemoryGoIntoTheMessage() throws IOException {
    InPlaceModel parsed = InPlaceModel.of(OnnxText.parse(TEXT));
    assertThat(parsed.directory()).isEmpty();
    assertThat(initializer(parsed, "w").getRawData().size()).isEqualTo(4096);

    Model model = OnnxReader.read(file);
    for (Value initializer : model.graph().initializers()) {
      Tensor old = value(model, initializer.name());
      initializer.setConstant(
          new Tensor(old.type(), old.dims(), new TensorData.Heap(old.data().bytes())));
    }
    assertThat(initializer(InPlaceModel.of(model), "w").getRawData().size()).isEqualTo(4096);
  }

  @Test
  void linksAreFollowedToTheFile() throws IOException {
    Path other = Files.createDirectory(folder.resolve("blobs"));
    Path blob = Files.move(file, other.resolve("abc123"));
    Files.createSymbolicLink(file, blob);
    InPlaceModel image = InPlaceModel.of(OnnxReader.read(file));
    assertThat(image.directory()).contains(other.toRealPath());
    assertThat(reference(initializer(image, "w"))).containsEntry("location", "abc123");
  }

  @Test
  void aFileThatIsGoneOrHasAnotherSizeIsNotReferredTo() throws IOException {
    Model model = OnnxReader.read(file);
    Path moved = Files.move(file, folder.resolve("moved"));
    assertThat(initializer(InPlaceModel.of(model), "w").getRawData().size()).isEqualTo(4096);
    Files.copy(moved, file);
    Files.write(file, new byte[] {0}, StandardOpenOption.APPEND);
    assertThat(initializer(InPlaceModel.of(model), "w").getRawData().size()).isEqualTo(4096);
  }

  @Test
  void aFileThatIsWrittenToWhileItIsReadIsRefused() throws IOException {
    Model model = OnnxReader.read(file);
    OnnxReader.requireUnchanged(model);
    Files.write(file, new byte[] {0}, StandardOpenOption.APPEND);
    assertThatThrownBy(() -> InPlaceModel.of(model))
        .isInstanceOf(ModelException.Malformed.class)
        .hasMessageContaining("model.onnx: was written to while it was in use");
  }

  @Test
  void soIsOneOfTheSameSize() throws IOException {
    Model model = OnnxReader.read(file);
    FileTime before = Files.getLastModifiedTime(file);
    Files.write(file, new byte[] {0}, StandardOpenOption.WRITE);
    Files.setLastModifiedTime(file, FileTime.from(before.toInstant().plusMillis(50)));
    assertThatThrownBy(() -> OnnxReader.requireUnchanged(model))
        .isInstanceOf(ModelException.Malformed.class);
  }

  @Test
  void aFileThatIsReplacedIsReadOnButNotInPlace() throws IOException {
    Model model = OnnxReader.read(file);
    assertThat(OnnxReader.isInPlace(model)).isTrue();
    Path other = Files.copy(file, folder.resolve("other"));
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    OnnxReader.requireUnchanged(model);
    assertThat(OnnxReader.isInPlace(model)).isFalse();
  }
}
