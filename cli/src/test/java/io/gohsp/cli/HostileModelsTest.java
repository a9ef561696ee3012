package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.onnx.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
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

  /** Axes that split each other in turns: no end of factors. */
  @Test
  void axesThatSplitEachOther() {
    Cli run = Cli.run("inspect", damaged("endless_axes"));
    assertThat(run.exitCode()).isEqualTo(ExitCodes.UNSUPPORTED);
    assertThat(run.err())
        .contains("is larger than what is analysed: it has axes of more than 150000 factors");
  }

  /** Positions are counted by a Range of 2,147,483,647 numbers, of which none goes. */
  @Test
  void aRangeWithoutEndStays() {
    Path out = directory.resolve("o.onnx");
    Cli run =
        Cli.run(
            "prune",
            damaged("endless_range"),
            "-o",
            out,
            "--heads",
            "50%",
            "--method",
            "somp",
            "--no-verify");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(out).exists();
  }

  /** An MLP that reads a constant of one axis: gradients by channel have one axis, too. */
  @Test
  void anMlpOfAConstant() {
    Path out = directory.resolve("o.onnx");
    Cli run = Cli.run("prune", damaged("stream_without_norm"), "-o", out, "--neurons", "50%");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("equivalent");
  }

  /** A stream that an operator of floats makes of ids is one of whole numbers. */
  @Test
  void aStreamOfWholeNumbers() throws IOException {
    ModelProto.Builder model =
        ModelProto.parseFrom(Files.readAllBytes(Cli.fixture("rep_bert4__fused_bert"))).toBuilder();
    model.getGraphBuilder().getNodeBuilderList().stream()
        .filter(node -> node.getOpType().equals("EmbedLayerNormalization"))
        .forEach(node -> node.setOpType("Acosh").clearDomain());
    Path file = directory.resolve("whole.onnx");
    Files.write(file, model.build().toByteArray());

    Cli run = Cli.run("inspect", file);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("stream 0: 24 channels: is part of the model's output");
  }

  private static Path damaged(String name) {
    return Path.of("..", "testdata", "cases", name, "model.onnx");
  }
}
