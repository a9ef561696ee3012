package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All or nothing, whatever fails. */
class StagedFilesTest {
  @TempDir Path directory;

  private static Piece text(String text) {
    return new Piece.Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes something and then fails, as a full disk makes it. */
  private static final Piece FAILS =
      new Piece() {
        @Override
        public long length() {
          return 1 << 20;
        }

        @Override
        public void writeTo(WritableByteChannel out) throws IOException {
          out.write(ByteBuffer.allocate(1 << 19));
          throw new IOException("No space left on device");
        }
      };

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  @Test
  void nothingIsThereBeforeCommit() throws IOException {
    Path target = directory.resolve("a");
    try (StagedFiles files = new StagedFiles()) {
      files.stage(target, text("new"));
      assertThat(target).doesNotExist();
      files.commit();
    }
    assertThat(target).hasContent("new");
    assertThat(files()).isEqualTo(1);
  }

  @Test
  void fullDiskLeavesOldFilesAndNoTemporaries() throws IOException {
    Path data = Files.writeString(directory.resolve("data"), "old data");
    Path model = Files.writeString(directory.resolve("model"), "old model");
    try (StagedFiles files = new StagedFiles()) {
      files.stage(data, text("new data"));
      assertThatThrownBy(() -> files.stage(model, FAILS)).hasMessage("No space left on device");
    }
    assertThat(data).hasContent("old data");
    assertThat(model).hasContent("old model");
    assertThat(files()).isEqualTo(2);
  }

  @Test
  void failedMoveUndoesThoseBeforeIt() throws IOException {
    Path data = Files.writeString(directory.resolve("data"), "old data");
    Path model =
        Files.createDirectories(directory.resolve("model")); // a full directory cannot be replaced
    Files.writeString(model.resolve("x"), "");
    try (StagedFiles files = new StagedFiles()) {
      files.stage(data, text("new data"));
      files.stage(model, text("new model"));
      assertThatThrownBy(files::commit).isInstanceOf(IOException.class);
    }
    assertThat(data).hasContent("old data");
    assertThat(files()).isEqualTo(2);
  }

  @Test
  void failedMoveRemovesFilesThatWereNotThere() throws IOException {
    Path model = Files.createDirectories(directory.resolve("model"));
    Files.writeString(model.resolve("x"), "");
    try (StagedFiles files = new StagedFiles()) {
      files.stage(directory.resolve("data"), text("new data"));
      files.stage(model, text("new model"));
      assertThatThrownBy(files::commit).isInstanceOf(IOException.class);
    }
    assertThat(directory.resolve("data")).doesNotExist();
    assertThat(files()).isEqualTo(1);
  }

  @Test
  void replacedPairLeavesNoBackup() throws IOException {
    Path data = Files.writeString(directory.resolve("data"), "old data");
    Path model = Files.writeString(directory.resolve("model"), "old model");
    try (StagedFiles files = new StagedFiles()) {
      files.stage(data, text("new data"));
      files.stage(model, text("new model"));
      files.commit();
    }
    assertThat(data).hasContent("new data");
    assertThat(model).hasContent("new model");
    assertThat(files()).isEqualTo(2);
  }

  @Test
  void filesHaveTheUsualPermissions() throws IOException {
    Path usual = Files.writeString(directory.resolve("usual"), "");
    Path target = directory.resolve("a");
    try (StagedFiles files = new StagedFiles()) {
      files.stage(target, text("new"));
      files.commit();
    }
    assertThat(Files.getPosixFilePermissions(target))
        .isEqualTo(Files.getPosixFilePermissions(usual));
  }
}
