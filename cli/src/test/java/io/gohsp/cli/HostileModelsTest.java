package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that nobody would export, and what the program makes of them. */
class HostileModelsTest {
  @TempDir Path directory;

  /** Three heads in one slice and the fourth alone: those stay, everything else can go. */
  @Test
  void headsTakenApart() {
    Path model = Path.of("..", "testdata", "models", "heads-one-by-one.onnx");

    Cli run =
        Cli.run(
            "prune",
            model,
            "-o",
            directory.resolve("o.onnx"),
            "--heads",
            "50%",
            "--neurons",
            "50%",
            "--json");

    assertThat(run.exitCode()).isZero();
    assertThat(run.json().at("/verification/passed").asBoolean()).isTrue();
    assertThat(Cli.run("inspect", model).out()).contains("do not form one axis");
  }
}
