package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxReader;
import io.gohsp.work.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A model with a side file is replaced by another one, in processes that are killed meanwhile. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class InterruptedWritingTest {
  private static final int KILLS = Integer.getInteger("gohsp.kills", 60);

  @TempDir Path directory;

  private Object[] pruning(int heads) {
    return new Object[] {
      "prune",
      Cli.fixture("timm_vit__external"),
      "-o",
      directory.resolve("to/out.onnx"),
      "--heads",
      heads,
      "--no-verify",
      "-q"
    };
  }

  /** Of the model and its side file, which are there. */
  private String fingerprint() {
    return Objects.requireNonNull(
        Fingerprint.of(OnnxReader.read(directory.resolve("to/out.onnx"))));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("to"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  @Tag("slow") // minutes: each is a process
  void oldOrNewPairIsThere() throws Exception {
    Files.createDirectory(directory.resolve("to"));
    List<String> known = new ArrayList<>();
    for (int heads : new int[] {1, 2}) {
      assertThat(Cli.run(pruning(heads)).exitCode()).isZero();
      known.add(fingerprint());
    }
    assertThat(known).doesNotHaveDuplicates();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int killed = 0;
    for (int i = 0; i < KILLS; i++) {
      List<String> before = files();
      try (Child child = Child.start(directory, "", pruning(1 + i % 2))) {
        while (child.process().isAlive() && files().equals(before)) {
          Thread.sleep(0, 200_000); // until the first file of its own is there
        }
        Thread.sleep(0, random.nextInt(1_000_000));
        if (i % 3 > 0) {
          Thread.sleep(random.nextInt(20));
        }
        child.process().destroyForcibly();
        killed += child.finish().exitCode() == 0 ? 0 : 1;
      }
      assertThat(known).as("kill %d, seed %d: %s", i, seed, files()).contains(fingerprint());
    }
    assertThat(killed).isPositive();

    assertThat(Cli.run(pruning(1)).exitCode()).isZero();
    assertThat(fingerprint()).isEqualTo(known.get(0));
    assertThat(files()).as("seed %d", seed).hasSize(2); // the model and its side file
  }
}
