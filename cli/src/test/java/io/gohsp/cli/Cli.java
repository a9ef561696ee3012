package io.gohsp.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * One run of the program, in this process.
 *
 * @param out what it printed for the user
 * @param err what it complained about; not that a phase takes long on this machine, nor what it
 *     wrote
 */
record Cli(int exitCode, String out, String err) {
  private static final Pattern PATIENCE = Pattern.compile("(?m)^gohsp: (.* \\.\\.\\.|wrote .*)\\R");

  static final Path FIXTURES = Path.of("..", "testdata", "fixtures");

  /** A plain ViT with two blocks of 4 heads, 6 columns and 42 neurons; batch 2 is built in. */
  static final Path VIT = fixture("timm_vit_legacy_op17_unfused");

  static Path fixture(String name) {
    return FIXTURES.resolve(name).resolve("model.onnx");
  }

  /** A file of {@code testdata/models}. */
  static Path model(String name) {
    return Path.of("..", "testdata", "models", name);
  }

  static Cli run(Object... arguments) {
    return run(Main.commandLine(), arguments);
  }

  /** A run of a program that may have run before. */
  static Cli run(CommandLine program, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Main.execute(
            program.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)),
            Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    return new Cli(exitCode, out.toString(), PATIENCE.matcher(err.toString()).replaceAll(""));
  }

  /** A run that must succeed and say nothing on stderr, but for what takes long on this machine. */
  static Cli succeeds(Object... arguments) {
    Cli run = run(arguments);
    if (run.exitCode != 0 || !run.err.lines().allMatch(line -> line.endsWith(" ..."))) {
      throw new AssertionError(Arrays.toString(arguments) + " -> " + run);
    }
    return run;
  }

  JsonNode json() {
    try {
      return new ObjectMapper().readTree(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All files below a directory with their sizes, hidden ones too. */
  static List<String> listing(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .sorted()
          .map(
              file ->
                  directory.relativize(file)
                      + (Files.isRegularFile(file) ? " " + file.toFile().length() : ""))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
