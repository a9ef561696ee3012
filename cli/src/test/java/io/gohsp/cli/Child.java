package io.gohsp.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, whose output goes to files. */
record Child(Process process, Path out, Path err) implements AutoCloseable {
  private static final int PATIENCE_MINUTES = 4;

  /** As the launcher does. With it ONNX Runtime 1.29 can overflow the stack of the main thread. */
  private static final String TELEMETRY_OFF = "export ORT_DISABLE_TELEMETRY=1;";

  /**
   * Starts it by way of a shell.
   *
   * @param before what the shell does first, such as {@code ulimit -f 16;}
   */
  static Child start(Path directory, String before, Object... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                TELEMETRY_OFF + before + " exec \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.gohsp.cli.Main"));
    Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
    Path out = Files.createTempFile(directory, "out", ".txt");
    Path err = Files.createTempFile(directory, "err", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new Child(process, out, err);
  }

  Cli finish() throws IOException, InterruptedException {
    if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
      throw new AssertionError("does not end: " + Files.readString(err));
    }
    return new Cli(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
