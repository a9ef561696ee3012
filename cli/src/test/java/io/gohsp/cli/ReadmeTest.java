package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxReader;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README promises. */
class ReadmeTest {
  @TempDir Path directory;

  private static String readme() throws IOException {
    return Files.readString(Path.of("..", "README.md"));
  }

  private static String block(String language, String containing) throws IOException {
    Matcher blocks = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(readme());
    while (blocks.find()) {
      if (blocks.group(1).contains(containing)) {
        return blocks.group(1);
      }
    }
    throw new AssertionError("no " + language + " block with " + containing);
  }

  @Test
  void libraryExampleCompilesAndRuns() throws Exception {
    String source = block("java", "class Shrink");
    Path file = Files.writeString(directory.resolve("Shrink.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int result =
        compiler.run(
            null,
            null,
            null,
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            directory.toString(),
            file.toString());
    assertThat(result).as("compiles").isZero();

    Path out = directory.resolve("out.onnx");
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {directory.toUri().toURL()}, ReadmeTest.class.getClassLoader())) {
      loader
          .loadClass("Shrink")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {Cli.VIT.toString(), out.toString()});
    }

    assertThat(OnnxReader.read(out).metadata()).containsKey("gohsp.plan");
    Cli.succeeds("verify", Cli.VIT, out);
  }

  @Test
  void firstTranscriptIsTrue() throws IOException {
    String transcript = block("console", "testdata/models");
    String command = transcript.lines().findFirst().orElseThrow().replace("$ ./gohsp ", "");
    Path out = directory.resolve("pruned.onnx");
    Object[] arguments =
        Stream.of(command.split(" "))
            .map(word -> word.startsWith("testdata/") ? ".." + File.separator + word : word)
            .map(word -> word.equals("pruned.onnx") ? out.toString() : word)
            .toArray();

    Cli run = Cli.succeeds(arguments);

    List<String> expected = transcript.lines().skip(1).map(ReadmeTest::withoutError).toList();
    assertThat(
            run.out().replace(out.toString(), "pruned.onnx").lines().map(ReadmeTest::withoutError))
        .containsExactlyElementsOf(expected);
  }

  /** The measured error differs from processor to processor. */
  private static String withoutError(String line) {
    return line.replaceAll("relative error \\S+", "relative error E");
  }

  /** Nothing is claimed on the first page that docs/RESULTS.md has not measured. */
  @Test
  void resultsAreThoseOfTheResultsPage() throws IOException {
    String results = Files.readString(Path.of("..", "docs", "RESULTS.md"));
    List<String> shares =
        readme()
            .lines()
            .filter(line -> line.startsWith("|") && line.matches(".*\\d\\d\\.\\d\\d.*"))
            .flatMap(line -> Pattern.compile("\\d\\d\\.\\d\\d").matcher(line).results())
            .map(MatchResult::group)
            .distinct()
            .toList();

    assertThat(shares).hasSizeGreaterThan(10);
    assertThat(shares).allSatisfy(share -> assertThat(results).contains(share));
  }

  @Test
  void commandsAreThose() throws IOException {
    for (String command : Main.commandLine().getSubcommands().keySet()) {
      assertThat(readme()).containsPattern("\\| `" + command + "[ `]");
    }
  }
}
