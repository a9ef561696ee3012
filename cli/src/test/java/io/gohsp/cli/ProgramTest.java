package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own: what cannot be seen from within. */
class ProgramTest {
  /** What is told of a phase that takes long on this machine. */
  private static final String PATIENCE = "(?m)^gohsp: [a-z ]+ \\.\\.\\.\\R";

  @TempDir Path directory;

  /** Runs the program by way of a shell, after {@code before}. */
  private Cli run(String before, String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                before + " exec \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                "io.gohsp.cli.Main"));
    command.addAll(List.of(arguments));
    Path out = directory.resolveSibling(directory.getFileName() + ".out");
    Path err = directory.resolveSibling(directory.getFileName() + ".err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends").isTrue();
      return new Cli(
          process.exitValue(),
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8).replaceAll(PATIENCE, ""));
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void returnsItsExitCodeToTheShell() throws Exception {
    Cli run = run("", "inspect", directory.resolve("none.onnx").toString());

    assertThat(run.exitCode()).isEqualTo(4);
    assertThat(run.err())
        .isEqualTo("gohsp: " + directory.resolve("none.onnx") + ": there is no such file\n");
    assertThat(run.out()).isEmpty();
  }

  /** A limit on the size of files fails in the middle of a write, as a full disk does. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void fullDiskLeavesNothingBehind() throws Exception {
    Path out = directory.resolve("out.onnx");

    Cli run =
        run(
            "ulimit -f 16;", // blocks of 512 or 1024 bytes; the model has some 50,000
            "prune",
            Cli.VIT.toString(),
            "-o",
            out.toString(),
            "--method",
            "somp", // runs nothing, so nothing is unpacked
            "--neurons",
            "30",
            "--no-verify");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("gohsp: " + out + " cannot be written: File too large\n");
    assertThat(Cli.listing(directory)).containsExactly("");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void tooLittleMemoryIsSaid() throws Exception {
    Path out = directory.resolve("out.onnx");

    Cli run =
        run("export JAVA_TOOL_OPTIONS=-Xmx24m;", "create", "deit-small", "-o", out.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .endsWith(
            """
            gohsp: out of memory: Java heap space
            Give it more, for example with JAVA_OPTS=-Xmx8g.
            """);
    assertThat(Cli.listing(directory)).containsExactly("");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void fullStdoutIsSaid() throws Exception {
    Cli run = run("exec >/dev/full;", "inspect", Cli.VIT.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("gohsp: stdout cannot be written\n");
  }

  /** Wherever the signal strikes: the model is complete or not there, and nothing else is. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void signalLeavesNoTemporaryBehind() throws Exception {
    Path out = directory.resolve("out.onnx");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.gohsp.cli.Main",
                "create",
                "deit-small",
                "-o",
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      while (process.isAlive() && Cli.listing(directory).size() == 1) {
        Thread.sleep(1);
      }
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(directory.toFile().list()).isSubsetOf("out.onnx");
  }
}
