package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loading ND4J takes most of a second: only commands that train may. */
class LazyLoadingTest {
  private static final String MODEL =
      "../testdata/fixtures/timm_vit_legacy_op17_unfused/model.onnx";

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"--help", "train --help", "inspect MODEL", "--version"})
  void nd4jStaysOut(String arguments) throws Exception {
    List<String> loaded = loadedBy(arguments);
    assertThat(loaded).anyMatch(line -> line.contains("io.gohsp.cli.Main "));
    assertThat(loaded)
        .noneMatch(line -> line.contains(" org.nd4j.") || line.contains(" org.bytedeco."));
  }

  private List<String> loadedBy(String arguments) throws Exception {
    Path log = directory.resolve("classes.log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xlog:class+load:file=" + log,
                "-cp",
                System.getProperty("java.class.path"),
                "io.gohsp.cli.Main"));
    for (String argument : arguments.split(" ")) {
      command.add(argument.equals("MODEL") ? MODEL : argument);
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends").isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(log);
  }
}
