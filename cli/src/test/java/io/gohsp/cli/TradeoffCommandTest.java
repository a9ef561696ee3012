package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands to choose a budget by: sensitivity and tradeoff. */
class TradeoffCommandTest {
  private static final Path DIGITS = Cli.model("digits.onnx");

  @TempDir private Path folder;

  private static Cli run(String command, Object... more) {
    List<Object> all =
        new ArrayList<>(List.of(command, DIGITS, "--data", "digits", "--threads", 1));
    all.addAll(Arrays.asList(more));
    Cli run = Cli.run(all.toArray());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.DONE);
    return run;
  }

  /** One study for all sizes comes to what prune comes to for each by itself. */
  @Test
  void pointsAreWhatPruneComesTo() {
    JsonNode curve =
        run("tradeoff", "--calibration", 48, "--keep-params", "0.4,0.2", "--json").json();
    JsonNode pruned =
        run(
                "prune",
                "--calibration",
                48,
                "--keep-params",
                0.2,
                "--soft-epochs",
                0,
                "--epochs",
                0,
                "-o",
                folder.resolve("pruned.onnx"),
                "--json")
            .json();
    assertThat(curve.get("points")).hasSize(2);
    JsonNode point = curve.at("/points/1");
    assertThat(point.get("params")).isEqualTo(pruned.at("/params/after"));
    assertThat(point.get("macs")).isEqualTo(pruned.at("/macs/after"));
    assertThat(point.get("loss")).isEqualTo(pruned.at("/evaluation/after/loss"));
    assertThat(point.get("accuracy")).isEqualTo(pruned.at("/evaluation/after/accuracy"));
    assertThat(curve.at("/original/loss")).isEqualTo(pruned.at("/evaluation/before/loss"));
    assertThat(point.at("/blocks/2/neurons").asInt())
        .isEqualTo(pruned.at("/blocks/2/neuronsKept").size());
  }

  @Test
  void drawsAndSavesTheCurve() throws Exception {
    Path numbers = folder.resolve("curve.json");
    Path picture = folder.resolve("curve.svg");
    Path page = folder.resolve("curve.html");
    Cli run =
        run(
            "tradeoff",
            "--calibration",
            16,
            "--points",
            3,
            "--evaluate",
            60,
            "--save",
            numbers,
            "--picture",
            picture,
            "--report",
            page);
    assertThat(run.out())
        .contains("measured on 60 samples", "original", "66.7% parameters", "33.3%");
    // Each size as it comes.
    assertThat(run.err())
        .containsPattern("gohsp: 66.7% parameters: loss 0\\.\\d+, accuracy \\d+\\.\\d\\d %")
        .containsPattern("gohsp: 33.3% parameters: loss");
    JsonNode json = new ObjectMapper().readTree(numbers.toFile());
    assertThat(json.get("points")).hasSize(2);
    assertThat(json.get("tables")).hasSize(12);
    assertThat(json.at("/samples").asInt()).isEqualTo(60);
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
    assertThat(Files.readString(picture)).contains("Accuracy by parameters", "polyline");
    assertThat(Files.readString(page))
        .containsPattern("<dt>data</dt>\n<dd>built-in digits digits: .*resize .* mean .*</dd>")
        .contains("Sensitivity of blocks", "Keeping some of the neurons", "\"points\"");
  }

  /** Out of reach is no failure as long as something is within. */
  @Test
  void leavesOutWhatCannotBeReached() {
    Cli run = run("tradeoff", "--calibration", 8, "--evaluate", 20, "--keep-params", "0.5,0.001");
    assertThat(run.out()).contains("50% parameters", "cannot be reached");
    Cli none =
        Cli.run("tradeoff", DIGITS, "--data", "digits", "--calibration", 8, "--keep-params", 0.001);
    assertThat(none.exitCode()).isEqualTo(ExitCodes.NOTHING_TO_PRUNE);
  }

  @Test
  void tablesFallToNothing() throws Exception {
    Path numbers = folder.resolve("tables.json");
    Path picture = folder.resolve("tables.svg");
    Cli run = run("sensitivity", "--calibration", 16, "--save", numbers, "--picture", picture);
    assertThat(run.out()).contains("query-key columns", "params each", "block 0");
    JsonNode json = new ObjectMapper().readTree(numbers.toFile());
    assertThat(json.get("tables")).hasSize(12);
    for (JsonNode table : json.get("tables")) {
      JsonNode loss = table.get("loss");
      for (int kept = 1; kept < loss.size(); kept++) {
        assertThat(loss.get(kept).asDouble()).isLessThanOrEqualTo(loss.get(kept - 1).asDouble());
      }
      assertThat(loss.get(loss.size() - 1).asDouble()).isCloseTo(0, within(0.0));
    }
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
    assertThat(Files.readString(picture)).contains("Keeping some of the heads", "block 2");
  }

  /** What a part costs the loss is measured by the labels; apply chooses by that. */
  @Test
  void labelsBeyondTheModelsClassesAreUnusable() throws Exception {
    Path model = folder.resolve("five.onnx");
    Cli.succeeds(
        "create",
        "vit-small",
        "-o",
        model,
        "--image",
        8,
        "--patch",
        4,
        "--channels",
        1,
        "--dim",
        16,
        "--depth",
        1,
        "--heads",
        2,
        "--mlp",
        16,
        "--classes",
        5);
    Path plan =
        Files.writeString(
            folder.resolve("plan.json"),
            """
            {"format": "gohsp-plan", "version": 1,
             "blocks": [{"name": "block 0", "heads": 2, "qkWidth": 8, "vWidth": 8, "neurons": 16,
               "headsKept": 1}]}
            """);
    for (List<Object> command :
        List.<List<Object>>of(
            List.of("sensitivity", model, "--data", "digits"),
            List.of("apply", model, plan, "-o", folder.resolve("o.onnx"), "--data", "digits"))) {
      Cli run = Cli.run(command.toArray());
      assertThat(run.exitCode()).as(run.err()).isEqualTo(6);
      assertThat(run.err()).contains("10 classes, but the model tells 5 apart");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | tradeoff --data digits --points 1 | --points 1 makes no curve",
        "2 | tradeoff --data digits --points 3 --keep-macs 0.5 | exclude each other",
        "2 | tradeoff --data digits --evaluate 0 | --evaluate 0 measures nothing",
        "2 | tradeoff --data digits --method zeros | takes no budget",
        "2 | tradeoff --data digits --method best | there is no method \"best\"",
        "2 | tradeoff --data digits --picture curve.png | only SVG is drawn",
        "2 | tradeoff --points 3 | --data is missing",
        "2 | sensitivity --data digits --calibration 0 | compares nothing",
        "2 | sensitivity --data digits --size n=3 | --size has no effect",
        "6 | sensitivity --data nowhere | nowhere: does not exist",
      })
  void saysWhatIsWrong(int code, String command, String message) {
    List<Object> arguments = new ArrayList<>(Arrays.asList((Object[]) command.strip().split(" ")));
    arguments.add(1, DIGITS);
    Cli run = Cli.run(arguments.toArray());
    assertThat(run.err()).contains(message.strip());
    assertThat(run.exitCode()).isEqualTo(code);
    assertThat(run.out()).isEmpty();
  }
}
