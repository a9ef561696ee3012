package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TemporariesTest {
  /** Whoever needs a directory removes those of processes that nothing could remove. */
  @Test
  void whatKilledProcessesLeftGoes() throws IOException {
    Path system = Path.of(System.getProperty("java.io.tmpdir"));
    long own = ProcessHandle.current().pid();
    Path dead = Files.createDirectories(system.resolve("gohsp-999999999-1"));
    Files.writeString(dead.resolve("pictures.zip"), "half");
    Path alive = Files.createDirectories(system.resolve("gohsp-" + own + "-1"));
    Path directory = Temporaries.createPrivateDirectory();
    try {
      assertThat(dead).doesNotExist();
      assertThat(alive).exists();
      assertThat(directory).isEmptyDirectory();
      assertThat(String.valueOf(directory.getFileName())).startsWith("gohsp-" + own + "-");
    } finally {
      Files.delete(alive);
      Files.delete(directory);
      Temporaries.forget(directory);
    }
  }
}
