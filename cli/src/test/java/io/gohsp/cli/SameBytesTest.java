package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Closed form alone, with bases, losses and corrections from OpenBLAS, in two processes, of which
 * one has as little memory as will do.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class SameBytesTest {
  @TempDir Path directory;

  private Object[] pruning(Path model, int threads) {
    return new Object[] {
      "prune",
      model,
      "-o",
      directory.resolve("out.onnx"),
      "--data",
      "digits",
      "--keep-params",
      0.5,
      "--calibration",
      64,
      "--soft-epochs",
      0,
      "--epochs",
      0,
      "--threads",
      threads,
      "--json"
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void sameSeedAndThreadsGiveTheSameBytesWhateverTheHeap(int threads) throws Exception {
    Path model = directory.resolve("dense.onnx");
    DataPruningTest.create(model, 1);
    String little = "export JAVA_TOOL_OPTIONS=-Xmx40m;";
    try (Child child = Child.start(directory, little, pruning(model, threads))) {
      Cli ended = child.finish();
      assertThat(ended.err()).contains("-Xmx40m");
      assertThat(ended.exitCode()).as(ended.err()).isZero();
    }
    Path first = Files.move(directory.resolve("out.onnx"), directory.resolve("first.onnx"));

    Cli here = Cli.run(pruning(model, threads));

    assertThat(here.exitCode()).as(here.err()).isZero();
    assertThat(directory.resolve("out.onnx")).hasSameBinaryContentAs(first);
  }
}
