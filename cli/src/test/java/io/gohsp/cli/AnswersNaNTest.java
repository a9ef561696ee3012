package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.rewrite.GraphBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model with a weight that is NaN is said to answer NaN, by every command that runs it. */
class AnswersNaNTest {
  @TempDir Path directory;

  private Path dense;
  private Path broken;

  @BeforeEach
  void breakModel() throws IOException {
    dense = directory.resolve("dense.onnx");
    broken = directory.resolve("broken.onnx");
    DataPruningTest.create(dense, 1);
    Weights.changed(
        dense, "blocks.0.mlp.fc1.bias", broken, (i, value) -> i == 3 ? Float.NaN : value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prune BROKEN -o OUT --heads 2",
        "prune BROKEN -o OUT --data digits --heads 2 --epochs 1",
        "prune BROKEN -o OUT --data digits --method taylor --keep-params 0.7 --work WORK",
        "rank BROKEN --data digits --samples 64",
        "train BROKEN -o OUT --data digits --epochs 1 --work WORK",
        "train DENSE -o OUT --data digits --epochs 1 --teacher BROKEN",
        "compare BROKEN --data digits --methods somp --keep-params 0.7 --steps 10 --work WORK"
      })
  void isSaid(String command) {
    Cli run =
        Cli.run(
            Stream.of(command.split(" "))
                .map(
                    word ->
                        switch (word) {
                          case "BROKEN" -> broken;
                          case "DENSE" -> dense;
                          case "OUT" -> directory.resolve("out.onnx");
                          case "WORK" -> directory.resolve("work");
                          default -> word;
                        })
                .toArray());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.UNSUPPORTED);
    assertThat(run.err())
        .contains(broken.toString())
        .contains("its weight \"blocks.0.mlp.fc1.bias\" has elements that are NaN");
    assertThat(directory.resolve("out.onnx")).doesNotExist();
  }

  /** What is behind the last attention says nothing about heads, but is part of the model. */
  @Test
  void oneClassScoreIsEnough() throws IOException {
    Weights.changed(dense, "head.bias", broken, (i, value) -> i == 1 ? Float.NaN : value);
    Cli run = Cli.run("rank", broken, "--data", "digits", "--samples", 8);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.UNSUPPORTED);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains(broken + ": answers NaN on the data: 4 of 40 numbers of its \"logits\"")
        .contains("its weight \"head.bias\" has elements that are NaN");
  }

  /** Sequences, which cannot be read, and whole numbers, which cannot be NaN, hinder nothing. */
  @Test
  void otherOutputsAreLeftOut() throws IOException {
    Model model = OnnxReader.read(dense);
    Graph graph = model.graph();
    Value logits = graph.outputs().get(0);
    GraphBuilder g = GraphBuilder.appendingTo(graph);
    graph.addOutput(g.op("SequenceConstruct", logits));
    Path sequence = directory.resolve("sequence.onnx");
    OnnxWriter.write(model, sequence);
    graph.clearOutputs();
    graph.addOutput(g.op("ArgMax", logits));
    Path indices = directory.resolve("indices.onnx");
    OnnxWriter.write(model, indices);

    String expected = Cli.run("rank", dense, "--data", "digits", "--samples", 8).out();
    for (Path other : List.of(sequence, indices)) {
      Cli run = Cli.run("rank", other, "--data", "digits", "--samples", 8);
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out()).isEqualTo(expected.replace("dense.onnx", other.getFileName() + ""));
    }
  }
}
