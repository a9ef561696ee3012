package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxWriter;
import io.gohsp.text.OnnxText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit code 5 wherever nothing can be pruned, or not so much, whoever asks and how. */
class NothingToPruneTest {
  @TempDir Path directory;

  @BeforeEach
  void putModels() throws IOException {
    DataPruningTest.create(directory.resolve("dense.onnx"), 1);
    OnnxWriter.write(
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            linear (float[batch, 1, 8, 8] x) => (float[batch, 10] output)
              <float[64, 10] w = random(7, 0.1), int64[2] shape = {-1, 64}>
            {
              flat = Reshape(x, shape)
              output = MatMul(flat, w)
            }
            """),
        directory.resolve("linear.onnx"));
    Files.writeString(
        directory.resolve("empty.json"),
        "{\"format\": \"gohsp-plan\", \"version\": 1, \"blocks\": []}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // no blocks
        "prune linear.onnx --heads 1",
        "prune linear.onnx --neurons 100%",
        "prune linear.onnx --keep-params 0.5",
        "prune linear.onnx --keep-params 100%",
        "prune linear.onnx --keep-macs 1G",
        "prune linear.onnx --latency 0.5",
        "prune linear.onnx --latency 100s",
        "prune linear.onnx --method zeros",
        "prune linear.onnx --method synthetic --keep-params 0.5",
        "prune linear.onnx --method random --qk 50%",
        "prune linear.onnx --data digits --keep-params 0.5",
        "prune linear.onnx --data digits --keep-params 100%",
        "prune linear.onnx --data digits --method taylor --keep-macs 0.5",
        "prune linear.onnx --data digits --method s2vite --heads 1",
        "rank linear.onnx --data digits",
        "sensitivity linear.onnx --data digits",
        "tradeoff linear.onnx --data digits",
        "apply linear.onnx empty.json",
        "apply linear.onnx empty.json --no-verify",
        "compare linear.onnx --data digits --methods somp,gohsp --keep-params 0.5 --steps 8",
        // everything excluded
        "prune dense.onnx --heads 2 --exclude block*",
        "prune dense.onnx --keep-params 100% --exclude block*",
        "prune dense.onnx --keep-macs 0.5 --exclude blocks.*",
        "prune dense.onnx --latency 0.5 --exclude block*",
        "prune dense.onnx --data digits --keep-params 0.5 --exclude block*",
        "compare dense.onnx --data digits --methods somp --keep-params 0.5 --steps 8 --exclude block*",
        // everything at its floor
        "prune dense.onnx --keep-params 0.9 --min-heads 4 --min-width 4 --min-neurons 24",
        // not so much
        "prune dense.onnx --keep-params 0.01",
        "prune dense.onnx --keep-macs 0.001",
        "prune dense.onnx --data digits --keep-params 0.01",
        "compare dense.onnx --data digits --methods gohsp --keep-params 0.5,0.01 --steps 8",
        // only zeros that are not there
        "prune dense.onnx --method zeros",
        "prune dense.onnx --data digits --method zeros"
      })
  void isSaid(String command) {
    Stream<String> words =
        Stream.of(command.split(" "))
            .map(
                word ->
                    word.matches(".*[.](onnx|json)") ? directory.resolve(word).toString() : word);
    String[] output =
        switch (command.substring(0, command.indexOf(' '))) {
          case "prune", "apply" -> new String[] {"-o", directory.resolve("out.onnx").toString()};
          case "compare" -> new String[] {"--work", directory.resolve("work").toString()};
          default -> new String[0];
        };

    Cli run = Cli.run(Stream.concat(words, Stream.of(output)).toArray());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.NOTHING_TO_PRUNE);
    assertThat(run.err()).contains("gohsp: " + directory);
    assertThat(run.out()).isEmpty();
    assertThat(directory.toFile().list()).doesNotContain("out.onnx");
  }
}
