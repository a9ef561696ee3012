package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  private static final int MORE_THAN_A_BUFFER = 1 << 18;

  @TempDir Path directory;

  @Test
  void replacesTheWhole() throws IOException {
    Path file = Files.writeString(directory.resolve("f"), "something longer");
    AtomicFile.write(
        file, out -> out.write("new".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertThat(file).hasContent("new");
    assertThat(directory.toFile().list()).containsExactly("f");
  }

  /** As on a full disk. */
  @Test
  void failureInTheMiddleLeavesWhatWasThere() throws IOException {
    Path file = Files.writeString(directory.resolve("f"), "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[MORE_THAN_A_BUFFER]);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device");
    assertThat(file).hasContent("old");
    assertThat(directory.toFile().list()).containsExactly("f");
  }
}
