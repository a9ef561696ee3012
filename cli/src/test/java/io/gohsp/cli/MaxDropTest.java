package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code prune --max-drop}: the smallest model that loses no more accuracy than that. */
class MaxDropTest {
  @TempDir static Path directory;

  private static Path trained;

  @BeforeAll
  static void train() {
    Path dense = directory.resolve("dense.onnx");
    trained = directory.resolve("trained.onnx");
    DataPruningTest.create(dense, 1);
    Cli run =
        Cli.run(
            "train",
            dense,
            "-o",
            trained,
            "--data",
            "digits",
            "--epochs",
            6,
            "--lr",
            3e-3,
            "--threads",
            1);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private static Cli prune(String name, Object... more) {
    Object[] all = new Object[8 + more.length];
    Object[] first = {
      "prune", trained, "-o", directory.resolve(name), "--data", "digits", "--threads", 1
    };
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return Cli.run(all);
  }

  private static JsonNode json(Object... more) {
    Cli run = prune("out.onnx", more);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.json();
  }

  @ParameterizedTest
  @CsvSource({"params, 0", "macs, 1"})
  void isNotExceeded(String smallest, int epochs) {
    JsonNode json =
        json(
            "--max-drop",
            3,
            "--smallest",
            smallest,
            "--epochs",
            epochs,
            "--calibration",
            200,
            "--json");

    JsonNode drop = json.get("maxDrop");
    assertThat(drop.get("allowed").asDouble()).isEqualTo(3);
    assertThat(drop.get("lost").asDouble()).isLessThanOrEqualTo(3 + 1e-9);
    JsonNode evaluation = json.get("evaluation");
    assertThat(drop.get("lost").asDouble())
        .isEqualTo(
            100
                * (evaluation.at("/before/accuracy").asDouble()
                    - evaluation.at("/after/accuracy").asDouble()));
    assertThat(json.at("/" + smallest + "/after").asLong())
        .as("something went")
        .isLessThan(json.at("/" + smallest + "/before").asLong());
  }

  @Test
  void saysWhatWasLost() {
    Cli run = prune("text.onnx", "--max-drop", 3, "--epochs", 0, "--calibration", 200);

    assertThat(run.out())
        .containsPattern(
            "\\d\\.\\d\\d points of accuracy (lost|gained), 3 allowed to be lost; measured on 180"
                + " samples, each 0\\.56 points");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--keep-params 0.5 --max-drop 1 | --max-drop finds out itself how much stays",
        "--max-drop 1 --heads 2 | --max-drop finds out itself how much stays",
        "--max-drop 1 --soft-epochs 1 | --max-drop weighs what a cut loses at once",
        "--max-drop 1 --method taylor | --max-drop weighs what a cut loses at once",
        "--max-drop none | is no number of percentage points",
        "--max-drop 1 --smallest bytes | is none of params, non-embedding, macs",
        "--keep-params 0.5 --smallest macs | --smallest says what --max-drop looks for",
      })
  void refusesWhatContradictsIt(String options, String message) {
    Cli run = prune("refused.onnx", (Object[]) options.split(" "));
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains(message);
    assertThat(directory.resolve("refused.onnx")).doesNotExist();
  }

  @Test
  void needsData() {
    Cli run = Cli.run("prune", trained, "-o", directory.resolve("no.onnx"), "--max-drop", 1);
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err())
        .as("said before anything is read")
        .startsWith("gohsp: --max-drop measures accuracy on samples; give --data");
    Cli missing = Cli.run("prune", "no.onnx", "-o", directory.resolve("o.onnx"), "--max-drop", 1);
    assertThat(missing.exitCode()).isEqualTo(ExitCodes.USAGE);
    Cli many = Cli.run("prune", trained, trained, "-o", directory.resolve("many"), "--max-drop", 1);
    assertThat(many.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(directory.resolve("many")).doesNotExist();
  }
}
