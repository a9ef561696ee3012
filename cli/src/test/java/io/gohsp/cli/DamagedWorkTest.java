package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in a work directory of which a bit is wrong or an end is missing, and runs that go on. */
class DamagedWorkTest {
  @TempDir Path directory;

  private Path model;
  private Path work;
  private Path out;

  @BeforeEach
  void createModel() {
    model = directory.resolve("untrained.onnx");
    work = directory.resolve("work");
    out = directory.resolve("out.onnx");
    DataPruningTest.create(model, 1);
  }

  private Cli prune() {
    return Cli.run(
        Stream.of(
                "prune",
                model,
                "-o",
                out,
                "--data",
                "digits",
                "--heads",
                1,
                "--neurons",
                8,
                "--calibration",
                32,
                "--soft-epochs",
                1,
                "--epochs",
                1,
                "--work",
                work,
                "-q")
            .toArray());
  }

  /** By name, what is below the work directory. */
  private Map<Path, byte[]> files() throws IOException {
    Map<Path, byte[]> files = new LinkedHashMap<>();
    try (Stream<Path> all = Files.walk(work)) {
      for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
        files.put(file, Files.readAllBytes(file));
      }
    }
    return files;
  }

  private void restore(Map<Path, byte[]> files) throws IOException {
    try (Stream<Path> all = Files.walk(work)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    for (Map.Entry<Path, byte[]> file : files.entrySet()) {
      Files.createDirectories(file.getKey().getParent());
      Files.write(file.getKey(), file.getValue());
    }
  }

  @Test
  void damageInAnyFileIsSaid() throws IOException {
    damage(prune(), 1, 7);
  }

  @Test
  @Tag("slow")
  void damageAnywhereIsSaid() throws IOException {
    damage(prune(), 200, System.nanoTime());
  }

  private void damage(Cli calm, int flips, long seed) throws IOException {
    assertThat(calm.exitCode()).as(calm.err()).isZero();
    byte[] result = Files.readAllBytes(out);
    Map<Path, byte[]> sound = files();
    assertThat(sound).hasSize(6);
    Random random = new Random(seed);
    for (Map.Entry<Path, byte[]> file : sound.entrySet()) {
      byte[] bytes = file.getValue();
      for (int i = 0; i < flips; i++) {
        byte[] flipped = bytes.clone();
        int at = random.nextInt(bytes.length);
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        requireSaid(sound, file.getKey(), flipped, result, "a bit at " + at + ", seed " + seed);
      }
      int length = random.nextInt(bytes.length);
      requireSaid(sound, file.getKey(), Arrays.copyOf(bytes, length), result, length + " bytes");
      if (flips > 1) {
        requireSaid(sound, file.getKey(), new byte[0], result, "emptied");
      }
    }
  }

  /** Or nothing was lost: archives hold bits that nothing depends on. */
  private void requireSaid(
      Map<Path, byte[]> sound, Path file, byte[] damaged, byte[] result, String what)
      throws IOException {
    restore(sound);
    Files.write(file, damaged);
    Files.deleteIfExists(out);
    Cli run = prune();
    if (run.exitCode() == ExitCodes.DONE && file.endsWith("checkpoint.zip")) {
      assertThat(Files.readAllBytes(out)).as("%s, %s", file, what).isEqualTo(result);
      return;
    }
    assertThat(run.exitCode()).as("%s, %s: %s", file, what, run.err()).isEqualTo(ExitCodes.DATA);
    assertThat(run.err()).startsWith("gohsp: " + file + " is damaged: ").contains("; remove ");
    assertThat(out).doesNotExist();
  }
}
