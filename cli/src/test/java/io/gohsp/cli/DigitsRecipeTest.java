package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Makes testdata/models/digits.onnx again, with the commands that the README states. */
class DigitsRecipeTest {
  @TempDir Path directory;

  @Test
  @Tag("slow") // a minute
  void learnsTheDigits() throws IOException {
    List<String> commands =
        Files.readAllLines(Path.of("..", "README.md")).stream()
            .filter(line -> line.startsWith("$ ./gohsp ") && line.contains("untrained.onnx"))
            .toList();
    assertThat(commands).hasSize(2);
    Cli.succeeds(words(commands.get(0)).toArray());

    long start = System.nanoTime();
    Cli run = Cli.run(Stream.concat(words(commands.get(1)), Stream.of("--json")).toArray());
    double seconds = (System.nanoTime() - start) / 1e9;

    assertThat(run.exitCode()).as(run.err()).isZero();
    int kept = run.json().get("keptEpoch").asInt();
    JsonNode epoch = run.json().get("epochs").get(kept - 1);
    assertThat(epoch.get("accuracy").asDouble()).isGreaterThanOrEqualTo(0.97);
    System.out.println("digits: " + epoch + " in " + Math.round(seconds) + " s");
  }

  private Stream<String> words(String command) {
    return Arrays.stream(command.substring("$ ./gohsp ".length()).split(" "))
        .map(word -> word.endsWith(".onnx") ? directory.resolve(word).toString() : word);
  }
}
