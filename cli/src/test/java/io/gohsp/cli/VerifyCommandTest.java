package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.text.OnnxText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
  @TempDir Path directory;
  private Path plan;
  private Path pruned;

  @BeforeEach
  void prune() {
    plan = directory.resolve("plan.json");
    pruned = directory.resolve("pruned.onnx");
    Cli.succeeds("prune", Cli.VIT, "-o", pruned, "--heads", "2", "--qk", "4", "--plan-out", plan);
  }

  @Test
  void passesWithWhatTheModelCarries() {
    JsonNode json = Cli.succeeds("verify", Cli.VIT, pruned, "--samples", "3", "--json").json();

    assertThat(json.get("passed").booleanValue()).isTrue();
    assertThat(json.get("samples").intValue()).isEqualTo(3);
    assertThat(json.get("mode").textValue()).isEqualTo("masked");
    assertThat(json.get("reason").isNull()).isTrue();
  }

  @Test
  void passesWithThePlanFromAFile() {
    assertThat(Cli.succeeds("verify", Cli.VIT, pruned, "--plan", plan).out())
        .startsWith(pruned + ": equivalent: max relative error ");
  }

  @Test
  void catchesAChangedWeight() throws IOException {
    Path changed =
        Weights.changed(
            pruned,
            "blocks.0.mlp.fc1.bias",
            directory.resolve("changed.onnx"),
            (i, value) -> i == 5 ? value + 1 : value);

    Cli run = Cli.run("verify", Cli.VIT, changed, "--json");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.json().get("passed").booleanValue()).isFalse();
    assertThat(run.json().get("maxRelError").doubleValue()).isGreaterThan(1e-3);
    assertThat(run.err())
        .contains("gohsp: " + changed + " is NOT equivalent: output \"output\" differs by ");
  }

  @Test
  void catchesAPlanThatIsNotTheModels() throws IOException {
    Path other = directory.resolve("other.json");
    Path elsewhere = directory.resolve("elsewhere.onnx");
    Cli.succeeds(
        "prune",
        Cli.VIT,
        "-o",
        elsewhere,
        "--heads",
        "2",
        "--qk",
        "4",
        "--plan-out",
        other,
        "--method",
        "random");

    assertThat(Cli.run("verify", Cli.VIT, pruned, "--plan", other).exitCode()).isEqualTo(3);
  }

  private static final Path CASES = Path.of("..", "testdata", "verification");

  /** What samples cannot see is seen in the file: a weight of a row that nobody asks for. */
  @Test
  void catchesWhatNoSampleAsksFor() throws IOException {
    Path changed =
        Weights.changed(
            pruned,
            "blocks.0.mlp.fc1.bias",
            directory.resolve("changed.onnx"),
            (i, value) -> i == 5 ? Math.nextUp(value) : value);

    Cli run = Cli.run("verify", Cli.VIT, changed);

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .contains("it is no cut of the original by its plan: \"blocks.0.mlp.fc1.bias\" has ");
  }

  @Test
  void saysWhatItLookedAt() {
    assertThat(Cli.succeeds("verify", Cli.VIT, pruned).out())
        .contains("values along the residual stream")
        .contains("graph, attributes and all constants of a fresh cut");
  }

  /** Suppressed classes at -1e30 beside others, and the values of two heads swapped. */
  @Test
  void suppressedClassesHideNothing() {
    Path original = CASES.resolve("masked_logits").resolve("original.onnx");
    assertThat(Cli.run("verify", original, CASES.resolve("masked_logits/tampered.onnx")).exitCode())
        .isEqualTo(3);
  }

  /** A single Identity with the metadata of a trained file. */
  @Test
  void metadataOfATrainingProveNothing() throws IOException {
    Model forged =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[2,3,16,16] input) => (float[2,3,16,16] output) { output = Identity(input) }
            """);
    forged.metadata().putAll(OnnxReader.read(pruned).metadata());
    forged.metadata().put("gohsp.trained", "10");
    Path file = directory.resolve("forged.onnx");
    Files.write(file, OnnxWriter.toBytes(forged));

    Cli run = Cli.run("verify", Cli.VIT, file, "--json");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.json().get("passed").booleanValue()).isFalse();
    assertThat(run.err()).contains("is NOT what its metadata say");
  }

  /** Real pictures are compared beside random ones, when a plan is applied and later. */
  @Test
  void dataIsComparedBesideRandomInputs() {
    Path model = Cli.model("digits.onnx");
    Path file = directory.resolve("plan-of-digits.json");
    Path half = directory.resolve("half.onnx");
    Cli.succeeds("prune", model, "-o", half, "--heads", "2", "--plan-out", file, "-q");

    Path applied = directory.resolve("applied.onnx");
    Cli run = Cli.run("apply", model, file, "-o", applied, "--data", "digits");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("3 samples and 4 of the data on cpu");
    JsonNode json = Cli.run("verify", model, applied, "--data", "digits", "--json").json();
    assertThat(json.at("/evidence/given").intValue()).isEqualTo(4);
    assertThat(json.at("/evidence/unseen")).isEmpty();
    assertThat(json.at("/data/samples").intValue()).isPositive();
  }

  /** Training changes numbers, but makes no NaN, and leaves shapes of reshapes alone. */
  @Test
  void aTrainedFileIsHeldToAllButItsNumbers() throws IOException {
    Path trained = directory.resolve("trained.onnx");
    Weights.changed(
        pruned, "blocks.0.mlp.fc1.bias", trained, (i, value) -> i == 5 ? value + 1 : value);
    Model model = OnnxReader.read(trained);
    model.metadata().put("gohsp.trained", "10");
    Path file = directory.resolve("claimed.onnx");
    Files.write(file, OnnxWriter.toBytes(model));
    assertThat(Cli.succeeds("verify", Cli.VIT, file).out())
        .contains("its constants but for 1 of the ")
        .contains("trained for 10 updates");

    Path broken = directory.resolve("broken.onnx");
    Weights.changed(file, "blocks.0.mlp.fc1.bias", broken, (i, value) -> Float.NaN);
    Cli run = Cli.run("verify", Cli.VIT, broken);
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("output \"output\" has NaN");
  }
}
