package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenFilesTest {
  @TempDir Path folder;

  private final Instant begun = Instant.now();

  private void file(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
  }

  @Test
  void whatIsNewInAFolderIsNamed() throws IOException {
    file("old.onnx");
    Files.setLastModifiedTime(folder.resolve("old.onnx"), FileTime.from(begun.minusSeconds(3600)));
    assertThat(WrittenFiles.folder(folder, begun)).isEqualTo(folder + " with nothing new");

    file("deep/a.onnx");
    assertThat(WrittenFiles.folder(folder, begun))
        .isEqualTo(folder + " with 1 file (" + Path.of("deep", "a.onnx") + ")");

    file("b.onnx");
    assertThat(WrittenFiles.folder(folder, begun))
        .isEqualTo(folder + " with 2 files (b.onnx, " + Path.of("deep", "a.onnx") + ")");
  }

  @Test
  void tenAreNamedAndTheOthersCounted() throws IOException {
    for (char name = 'a'; name <= 'l'; name++) {
      file(name + ".onnx");
    }
    assertThat(WrittenFiles.folder(folder, begun))
        .isEqualTo(
            folder
                + " with 12 files (a.onnx, b.onnx, c.onnx, d.onnx, e.onnx, f.onnx, g.onnx, h.onnx,"
                + " i.onnx, j.onnx and 2 more)");
  }
}
