package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Training in processes of their own that are killed, or find the disk full. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class InterruptedTrainingTest {
  private static final int KILLS = 3;

  /** What a shell returns for it. */
  private static final int SIGKILL = 128 + 9;

  /** Updates of the run below. */
  private static final int STEPS = 50 * 4 / 3;

  @TempDir Path directory;

  private Path model;

  @BeforeEach
  void createModel() {
    model = directory.resolve("untrained.onnx");
    Cli.succeeds(
        "create",
        "vit-small",
        "-o",
        model,
        "--image",
        8,
        "--patch",
        4,
        "--channels",
        1,
        "--dim",
        16,
        "--depth",
        1,
        "--heads",
        2,
        "--mlp",
        16);
  }

  private Object[] training(String name, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "train",
                model,
                "-o",
                directory.resolve(name + ".onnx"),
                "--data",
                "digits",
                "--batch",
                32,
                "--epochs",
                4,
                "--accumulate",
                3,
                "--ema",
                0.9,
                "--augment",
                "pad=1,mixup=0.2",
                "--work",
                directory.resolve(name),
                "--checkpoint-steps",
                5,
                "--threads",
                1));
    arguments.addAll(List.of(more));
    return arguments.toArray();
  }

  private List<String> logWithoutSpeed(String name) throws IOException {
    return Files.readAllLines(directory.resolve(name).resolve("log.jsonl")).stream()
        .map(line -> line.replaceAll(",\"samplesPerSecond\":[^,}]*", ""))
        .toList();
  }

  private long logged(String name) throws IOException {
    Path log = directory.resolve(name).resolve("log.jsonl");
    return Files.exists(log) ? Files.readString(log).lines().count() : 0;
  }

  @Test
  void killedRunEndsWithTheSameBytes() throws Exception {
    Cli calm = Cli.run(training("calm"));
    assertThat(calm.exitCode()).as(calm.err()).isZero();
    assertThat(logWithoutSpeed("calm")).hasSize(STEPS + 4);

    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Long> kills = new ArrayList<>();
    for (int kill = 1; kill <= KILLS; kill++) {
      try (Child child = Child.start(directory, "", training("killed"))) {
        // Anywhere in the next third of the run.
        long until = (kill - 1L) * STEPS / KILLS + random.nextInt(STEPS / KILLS) + 1;
        while (child.process().isAlive() && logged("killed") < until) {
          Thread.sleep(1);
        }
        child.process().destroyForcibly();
        Cli ended = child.finish();
        assertThat(ended.exitCode()).as("ended by itself: " + ended.err()).isEqualTo(SIGKILL);
        kills.add(logged("killed"));
      }
      assertThat(directory.resolve("killed.onnx")).doesNotExist();
    }
    Cli resumed = Cli.run(training("killed"));

    String where = "killed after " + kills + " lines, seed " + seed;
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).as(where).contains("continues after step ");
    assertThat(directory.resolve("killed.onnx"))
        .as(where)
        .hasSameBinaryContentAs(directory.resolve("calm.onnx"));
    assertThat(logWithoutSpeed("killed")).as(where).isEqualTo(logWithoutSpeed("calm"));
    assertThat(directory.resolve("killed").toFile().list())
        .containsExactlyInAnyOrder("checkpoint.zip", "log.jsonl");
  }

  /** A limit on the size of files, set in the middle of a run, is like a disk that fills up. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void fullDiskLosesNothingOlder() throws Exception {
    assumeTrue(isThere("prlimit"));
    Path checkpoint = directory.resolve("full").resolve("checkpoint.zip");

    Cli run;
    try (Child child = Child.start(directory, "", training("full"))) {
      while (child.process().isAlive() && Files.notExists(checkpoint)) {
        Thread.sleep(1);
      }
      // The log stays smaller, a checkpoint is larger.
      new ProcessBuilder("prlimit", "--pid", "" + child.process().pid(), "--fsize=20000")
          .start()
          .waitFor();
      run = child.finish();
    }

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err())
        .containsPattern(
            "gohsp: the checkpoint of step \\d+ cannot be written: File too large; \\S+ is as it"
                + " was before\n$");
    assertThat(checkpoint.toFile().length()).isGreaterThan(20_000);
    assertThat(directory.resolve("full").toFile().list())
        .containsExactlyInAnyOrder("checkpoint.zip", "log.jsonl");
    assertThat(directory.resolve("full.onnx")).doesNotExist();

    Cli.run(training("calm"));
    Cli resumed = Cli.run(training("full")); // with room again
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("continues after step ");
    assertThat(directory.resolve("full.onnx"))
        .hasSameBinaryContentAs(directory.resolve("calm.onnx"));
  }

  private static boolean isThere(String program) throws InterruptedException {
    try {
      return new ProcessBuilder(program, "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
