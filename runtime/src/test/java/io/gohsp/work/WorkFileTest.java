package io.gohsp.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFileTest {
  @TempDir Path directory;

  private Path file;
  private byte[] sound;

  /** Something to keep. */
  record Contents(String text, List<Double> numbers, boolean isRight) {}

  private static final Contents SOME =
      new Contents("\u00e9 \"}", List.of(0.1, -1e-300, Double.NaN), true);

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("new/some.json");
    WorkFile.write(file, SOME);
    sound = Files.readAllBytes(file);
  }

  @Test
  void everythingComesBack() {
    assertThat(WorkFile.read(file, Contents.class)).isEqualTo(SOME);
  }

  @Test
  void noneIsNoError() {
    assertThat(WorkFile.read(directory.resolve("none.json"), Contents.class)).isNull();
  }

  @Test
  void everyBitCounts() throws IOException {
    for (int bit = 0; bit < 8 * sound.length; bit++) {
      byte[] damaged = sound.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      requireDamaged(damaged, "");
    }
  }

  @Test
  void everyByteCounts() throws IOException {
    for (int length = 0; length < sound.length; length++) {
      requireDamaged(Arrays.copyOf(sound, length), "");
    }
    requireDamaged(Arrays.copyOf(sound, sound.length + 1), "it is cut short");
  }

  @Test
  void otherFormsAreRefused() throws IOException {
    String text = new String(sound, StandardCharsets.UTF_8).replace("\":1,", "\":2,");
    requireDamaged(
        text.getBytes(StandardCharsets.UTF_8),
        "it is of a form that this version of gohsp does not read; remove it to begin again");
    requireDamaged("{\"text\": \"\"}".getBytes(StandardCharsets.UTF_8), "is no record of gohsp's");
  }

  private void requireDamaged(byte[] bytes, String why) throws IOException {
    Files.write(file, bytes);
    assertThatThrownBy(() -> WorkFile.read(file, Contents.class))
        .isInstanceOf(DamagedWork.class)
        .hasMessageStartingWith(file + " is damaged: ")
        .hasMessageContaining(why)
        .hasMessageEndingWith("; remove it to begin again");
  }
}
