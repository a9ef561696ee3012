package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code --report} writes; how the page looks is tested beside {@code HtmlReport}. */
class ReportFileTest {
  @TempDir Path directory;

  private Path out() {
    return directory.resolve("out.onnx");
  }

  private Path report() {
    return directory.resolve("report.html");
  }

  private JsonNode numbers() throws IOException {
    Matcher json =
        Pattern.compile("<script type=\"application/json\" id=\"numbers\">(.*)</script>")
            .matcher(Files.readString(report()));
    assertThat(json.find()).isTrue();
    return new ObjectMapper().readTree(json.group(1));
  }

  private static void assertHolds(JsonNode numbers, JsonNode printed) {
    for (Map.Entry<String, JsonNode> field : printed.properties()) {
      assertThat(numbers.get(field.getKey())).as(field.getKey()).isEqualTo(field.getValue());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--heads 3 --neurons 50%",
        "--keep-params 0.6 --allocation global",
        "--qk 4 --no-verify",
        "--heads 4",
        "--latency 10s --neurons 21 --align 1"
      })
  void holdsTheNumbersThatJsonPrints(String options) throws IOException {
    Object[] command =
        ("prune " + Cli.VIT + " -o " + out() + " --json --report " + report() + " " + options)
            .split(" ");

    Cli run = Cli.run(command);

    assertThat(run.exitCode()).isZero();
    JsonNode numbers = numbers();
    assertHolds(numbers, run.json());
    assertThat(numbers.at("/run/model").textValue()).isEqualTo("model.onnx");
    assertThat(numbers.at("/run/command").textValue()).startsWith("gohsp prune").contains(options);
    assertThat(numbers.at("/seed").longValue()).isZero();
    assertThat(numbers.at("/run/sha256").textValue()).isEqualTo(Sha256.of(Cli.VIT));
  }

  @Test
  void applyWritesOneToo() throws IOException {
    Path plan = directory.resolve("plan.json");
    Cli.succeeds("prune", Cli.VIT, "-o", out(), "--heads", "3", "--plan-out", plan);

    Cli run =
        Cli.succeeds(
            "apply", Cli.VIT, plan, "-o", out(), "--report", report(), "--json", "--seed", 5);

    assertHolds(numbers(), run.json().deepCopy());
    assertThat(numbers().at("/seed").longValue()).isEqualTo(5);
    assertThat(numbers().at("/latency/target").isNull()).isTrue();
    assertThat(numbers().at("/latency/rounds").intValue()).isBetween(3, 100);
    assertThat(numbers().at("/latency/medianMs/before").doubleValue()).isPositive();
    assertThat(numbers().at("/latency/ratio/after").doubleValue()).isPositive();
    assertThat(Files.readString(report()))
        .contains("rounds in which both models ran in turns.")
        .doesNotContain("Asked for", "Widths that were cut");
  }

  @Test
  void holdsTheNumbersOfARunWithData() throws IOException {
    Path model = directory.resolve("dense.onnx");
    DataPruningTest.create(model, 1);

    Cli run =
        Cli.run(
            (Object[])
                ("prune "
                        + model
                        + " -o "
                        + out()
                        + " --report "
                        + report()
                        + " --json --data digits")
                    .concat(
                        " --keep-params 0.6 --soft-epochs 2 --epochs 1 --calibration 40 --threads 1")
                    .split(" "));

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode numbers = numbers();
    assertThat(numbers.at("/phases/1/epochs/0/step").longValue()).isPositive();
    // A curve needs the updates and the rate as well.
    for (JsonNode phase : numbers.get("phases")) {
      phase.get("epochs").forEach(epoch -> ((ObjectNode) epoch).remove(List.of("step", "rate")));
    }
    assertHolds(numbers, run.json());
    assertThat(numbers.at("/run/command").textValue()).contains("--soft-epochs 2");
    assertThat(numbers.at("/run/sha256").textValue()).isEqualTo(Sha256.of(model));
    assertThat(Files.readString(report()))
        .contains("id=\"training\"", "id=\"sparsity\"", "id=\"graphs\"", "id=\"outcome\"");
  }

  @Test
  void sameCommandWritesSameBytes() throws IOException {
    Object[] command = {
      "prune", Cli.VIT, "-o", out(), "--heads", "3", "--report", report(), "--no-timing"
    };
    Cli.succeeds(command);
    byte[] first = Files.readAllBytes(report());

    Cli.succeeds(command);

    assertThat(Files.readAllBytes(report())).isEqualTo(first);
    assertThat(numbers().get("latency").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.onnx", "model.onnx", "plan.json", "none/report.html", "-"})
  void isNotWrittenWhereSomethingElseIs(String name) throws IOException {
    Path model = Files.copy(Cli.VIT, directory.resolve("model.onnx"));
    Object file = name.equals("-") ? name : directory.resolve(name);

    Cli run =
        Cli.run(
            "prune",
            model,
            "-o",
            out(),
            "--heads",
            "3",
            "--plan-out",
            directory.resolve("plan.json"),
            "--report",
            file);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).startsWith("gohsp: --report ");
    assertThat(Cli.listing(directory)).containsExactly("", "model.onnx " + Files.size(Cli.VIT));
  }

  @Test
  void isNotWrittenWhereWeightsLie() throws IOException {
    for (String name : new String[] {"model.onnx", "model.onnx.data"}) {
      Path original = Cli.fixture("timm_vit__external").resolveSibling(name);
      Files.copy(original, directory.resolve(name));
    }
    Path weights = directory.resolve("model.onnx.data");

    Cli run =
        Cli.run(
            "prune",
            directory.resolve("model.onnx"),
            "-o",
            out(),
            "--heads",
            "3",
            "--report",
            weights);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(out()).doesNotExist();
  }

  @Test
  void isNotWrittenWithoutAModel() {
    Cli run = Cli.run("prune", Cli.VIT, "-o", out(), "--keep-params", "500", "--report", report());

    assertThat(run.exitCode()).isNotZero();
    assertThat(report()).doesNotExist();
  }
}
