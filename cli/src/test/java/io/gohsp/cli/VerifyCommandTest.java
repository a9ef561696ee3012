package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
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
        .startsWith("gohsp: " + changed + " is NOT equivalent: output \"output\" differs by ");
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
}
