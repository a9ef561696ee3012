package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is in its place before it is meant to be. */
class StagedModelTest {
  @TempDir Path directory;
  private Model model;
  private Path target;

  @BeforeEach
  void readModelWithSideFile() {
    model =
        OnnxReader.read(Path.of("..", "testdata", "fixtures", "timm_vit__external", "model.onnx"));
    target = directory.resolve("out.onnx");
  }

  @Test
  void canBeReadBeforeItIsThere() throws IOException {
    try (StagedModel staged = StagedModel.write(model, target)) {
      assertThat(target).doesNotExist();
      assertThat(OnnxReader.read(staged.file()).graph().nodes()).isNotEmpty();
      staged.commit();
    }
    assertThat(directory.toFile().list())
        .hasSize(2)
        .contains("out.onnx")
        .anyMatch(name -> name.matches("out\\.onnx\\.[0-9a-f]{16}\\.data"));
    assertThat(OnnxReader.files(OnnxReader.read(target))).hasSize(2);
  }

  @Test
  void leavesNothingIfNotCommitted() throws IOException {
    Files.writeString(target, "old");
    try (StagedModel staged = StagedModel.write(model, target)) {
      assertThat(staged.file()).exists();
    }
    assertThat(directory.toFile().list()).containsExactly("out.onnx");
    assertThat(target).hasContent("old");
  }

  @Test
  void copiesEveryByteUnderTheNamesTheModelUses() throws IOException {
    try (StagedModel staged = StagedModel.copy(model, target)) {
      staged.commit();
    }
    Path source = OnnxReader.files(model).get(0);
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("out.onnx", "model.onnx.data");
    assertThat(Files.mismatch(target, source)).isEqualTo(-1);
  }

  @Test
  void copiesWithinADirectoryShareSideFiles() throws IOException {
    Path copy = directory.resolve("copy.onnx");
    try (StagedModel staged = StagedModel.copy(model, target)) {
      staged.commit();
    }
    Model first = OnnxReader.read(target);
    try (StagedModel staged = StagedModel.copy(first, copy)) {
      staged.commit();
    }
    assertThat(directory.toFile().list())
        .containsExactlyInAnyOrder("out.onnx", "copy.onnx", "model.onnx.data");
  }

  @Test
  void refusesInputs() throws IOException {
    Path copy = directory.resolve("copy.onnx");
    try (StagedModel staged = StagedModel.write(model, copy)) {
      staged.commit();
    }
    Model read = OnnxReader.read(copy);
    Path side = OnnxReader.files(read).get(1);
    assertThatThrownBy(() -> StagedModel.write(read, side))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "is a file that the model was read from, which is never overwritten; name another");
    assertThat(directory.toFile().list()).hasSize(2);
  }

  /** What was written may hold zeros where the file was cut short. */
  @Test
  void isNotPutInPlaceIfAnInputWasWrittenToMeanwhile() throws IOException {
    Path copy = directory.resolve("copy.onnx");
    OnnxWriter.write(model, copy);
    Model read = OnnxReader.read(copy);
    try (StagedModel staged = StagedModel.write(read, target)) {
      Path side = OnnxReader.files(read).get(1);
      Files.write(side, new byte[] {0}, StandardOpenOption.APPEND);
      assertThatThrownBy(staged::commit)
          .isInstanceOf(ModelException.Malformed.class)
          .hasMessageContaining(side.getFileName() + ": was written to while it was in use");
    }
    assertThat(target).doesNotExist();
  }

  /** Until the new model is there the old one has its weights; then those go. */
  @Test
  void replacedModelTakesItsSideFileAlong() throws IOException {
    try (StagedModel staged = StagedModel.write(model, target)) {
      staged.commit();
    }
    Model changed = OnnxReader.read(target);
    Path before = OnnxReader.files(changed).get(1);
    changed.graph().initializers().stream()
        .filter(value -> value.constant() != null && value.constant().data().byteSize() >= 1024)
        .findFirst()
        .orElseThrow()
        .setConstant(Tensor.ofFloats(new long[] {512}, new float[512]));

    Path other = directory.resolve("other.onnx");
    OnnxWriter.write(changed, other);
    try (StagedModel staged = StagedModel.write(OnnxReader.read(other), target)) {
      assertThat(before).exists();
      staged.commit();
    }

    assertThat(before).doesNotExist();
    assertThat(OnnxReader.read(target).graph().nodes()).isNotEmpty();
    assertThat(directory.toFile().list()).hasSize(4);
  }

  /** A number that no process has: they end far below it. */
  @Test
  void leftoversOfKilledRunsGo() throws IOException {
    String uuid = "01234567-89ab-cdef-0123-456789abcdef";
    Path dead = Files.createDirectory(directory.resolve(".out.onnx.999999999." + uuid + ".tmp"));
    Files.writeString(dead.resolve("out.onnx"), "half");
    Files.writeString(directory.resolve(".out.onnx.999999998." + uuid + ".tmp"), "half");
    long alive = ProcessHandle.current().pid();
    Path running =
        Files.writeString(directory.resolve(".out.onnx." + alive + "." + uuid + ".tmp"), "half");
    Path foreign = Files.writeString(directory.resolve(".out.onnx.swp"), "mine");

    try (StagedModel staged = StagedModel.write(model, target)) {
      staged.commit();
    }

    assertThat(directory.toFile().list())
        .hasSize(4)
        .contains(String.valueOf(running.getFileName()), String.valueOf(foreign.getFileName()));
  }
}
