package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Pruning with data in processes of their own that are killed in each phase. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class InterruptedPruningTest {
  @TempDir Path directory;

  private Object[] pruning(Path model) {
    return new Object[] {
      "prune",
      model,
      "-o",
      directory.resolve("out.onnx"),
      "--data",
      "digits",
      "--keep-params",
      0.6,
      "--calibration",
      400,
      "--soft-epochs",
      3,
      "--epochs",
      3,
      "--batch",
      16,
      "--augment",
      "pad=1",
      "--work",
      directory.resolve("work"),
      "--threads",
      1,
      "--json"
    };
  }

  /** When to kill. */
  private interface Moment {
    boolean isReached() throws IOException;
  }

  private long logged(String phase) throws IOException {
    Path log = directory.resolve("work").resolve(phase).resolve("log.jsonl");
    return Files.exists(log) ? Files.readString(log).lines().count() : 0;
  }

  private void kill(Path model, String phase, Child child, Moment moment) throws Exception {
    while (child.process().isAlive() && !moment.isReached()) {
      Thread.sleep(1);
    }
    child.process().destroyForcibly();
    assertThat(child.finish().exitCode()).as("%s: ended by itself", phase).isNotZero();
    assertThat(directory.resolve("out.onnx")).doesNotExist();
    assertThat(model).exists();
  }

  @Test
  void killedInAnyPhaseItEndsWithTheSameBytes() throws Exception {
    Path model = directory.resolve("dense.onnx");
    DataPruningTest.create(model, 1);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> kills = new ArrayList<>();

    try (Child child = Child.start(directory, "", pruning(model))) {
      // The first line is printed right before heads are compared.
      kill(model, "ranking", child, () -> Files.size(child.err()) > 0);
      kills.add("ranking, decided: " + Files.exists(directory.resolve("work/decision.json")));
    }
    for (String phase : List.of("soft", "tune")) {
      long until = 1L + random.nextInt(70); // of 102 updates
      try (Child child = Child.start(directory, "", pruning(model))) {
        kill(model, phase, child, () -> logged(phase) >= until);
        kills.add(phase + " after " + logged(phase) + " lines");
      }
    }
    Cli resumed = Cli.run(pruning(model));
    String where = kills + ", seed " + seed;
    assertThat(resumed.exitCode()).as(where + resumed.err()).isZero();
    byte[] bytes = Files.readAllBytes(directory.resolve("out.onnx"));

    try (var files = Files.walk(directory.resolve("work"))) {
      assertThat(files.filter(Files::isRegularFile).map(f -> f.getFileName().toString()))
          .as(where)
          .containsExactlyInAnyOrder(
              "decision.json",
              "plan.json",
              "checkpoint.zip",
              "log.jsonl",
              "checkpoint.zip",
              "log.jsonl");
    }
    Files.move(directory.resolve("work"), directory.resolve("before"));
    Files.delete(directory.resolve("out.onnx"));
    Cli calm = Cli.run(pruning(model));
    assertThat(calm.exitCode()).as(calm.err()).isZero();
    assertThat(Files.readAllBytes(directory.resolve("out.onnx"))).as(where).isEqualTo(bytes);
    assertThat(resumed.json()).as(where).isEqualTo(calm.json());
  }
}
