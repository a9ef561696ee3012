package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.ir.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("out.onnx", "out.onnx.data");
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
    assertThatThrownBy(() -> StagedModel.write(read, directory.resolve("copy.onnx.data")))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "is a file that the model was read from, which is never overwritten; name another");
    assertThat(directory.toFile().list()).hasSize(2);
  }
}
