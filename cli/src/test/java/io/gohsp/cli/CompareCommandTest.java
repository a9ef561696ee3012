package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.data.RecordedPreprocessing;
import io.gohsp.io.OnnxReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompareCommandTest {
  @TempDir Path directory;

  private Path model;
  private Path work;

  @BeforeEach
  void createModel() {
    model = directory.resolve("dense.onnx");
    work = directory.resolve("work");
    DataPruningTest.create(model, 1);
  }

  private Cli compare(Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("compare", model, "--data", "digits", "--threads", 1, "--work", work));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  @Test
  void comparesAndKeepsEverything() throws IOException {
    Object[] arguments = {
      "--methods", "gohsp,somp", "--keep-params", "0.6", "--keep-macs", "0.5", "--steps", 12
    };
    Cli run = compare(arguments);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("5 runs of 12 updates, 0 of them done; ", "run 5 of 5: ");
    assertThat(run.out())
        .contains("dense, as it is ", "dense, trained ", "gohsp, 60% parameters ")
        .contains("somp, 50% multiply-accumulates ", "results.md, results.csv, results.json");
    assertThat(work)
        .isDirectoryContaining(file -> file.endsWith("results.md"))
        .isDirectoryContaining(file -> file.endsWith("report.html"))
        .isDirectoryContaining(file -> file.endsWith("latency.json"));
    Path cell = work.resolve("cells/macs-50%/gohsp/seed-0/model.onnx");
    assertThat(OnnxReader.read(cell).metadata().get(RecordedPreprocessing.KEY))
        .contains("\"shorterEdge\":8");

    Cli again = compare(arguments);
    assertThat(again.out()).isEqualTo(run.out());
    assertThat(again.err()).contains("5 of them done; nothing is left").doesNotContain("run 1");
    // Results that are kept are what is printed, too.
    Cli json = compare(concat(arguments, "--json"));
    JsonNode printed = json.json();
    assertThat(printed.get("cells")).hasSize(5);
    assertThat(Files.readString(work.resolve("results.json"))).isEqualTo(json.out());
  }

  private static Object[] concat(Object[] arguments, Object... more) {
    List<Object> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(more));
    return all.toArray();
  }

  /** 1617 digits are 50 batches of 32: what prune trains for two epochs takes 100 updates. */
  @Test
  void cellIsWhatPruneDoes() {
    Cli compared =
        compare(
            "--methods",
            "somp",
            "--keep-params",
            0.6,
            "--steps",
            100,
            "--batch",
            32,
            "--no-latency",
            "--json");
    Cli pruned =
        Cli.run(
            "prune",
            model,
            "-o",
            directory.resolve("pruned.onnx"),
            "--data",
            "digits",
            "--threads",
            1,
            "--method",
            "somp",
            "--keep-params",
            0.6,
            "--epochs",
            2,
            "--batch",
            32,
            "--keep",
            "last",
            "--json");

    assertThat(compared.exitCode()).as(compared.err()).isZero();
    assertThat(pruned.exitCode()).as(pruned.err()).isZero();
    JsonNode cell = compared.json().get("cells").get(1);
    JsonNode evaluation = pruned.json().get("evaluation");
    assertThat(cell.get("evaluation")).isEqualTo(evaluation.get("after"));
    assertThat(cell.get("evaluationAtCut")).isEqualTo(evaluation.get("atCut"));
    assertThat(compared.json().at("/dense/evaluation")).isEqualTo(evaluation.get("before"));
    assertThat(cell.get("params")).isEqualTo(pruned.json().at("/params/after"));
  }

  @Test
  void aBudgetOutOfReachIsSaidBeforeAnythingRuns() {
    Cli run =
        compare(
            "--methods",
            "somp",
            "--keep-params",
            "0.01,0.6",
            "--steps",
            4,
            "--no-latency",
            "--json");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.NOTHING_TO_PRUNE);
    assertThat(run.err()).contains("cannot be reached: at least ");
    assertThat(run.out()).isEmpty();
  }

  /** What stands where its model goes keeps one run from ending. */
  @Test
  void aRunThatFailsFailsAloneUntilItIsTriedAgain() throws IOException {
    Path obstacle = work.resolve("cells/params-60%/somp/seed-0/model.onnx/obstacle");
    Files.createDirectories(obstacle);
    Object[] arguments = {
      "--methods", "somp,random", "--keep-params", "0.6", "--steps", 2, "--no-latency"
    };
    Cli run = compare(arguments);

    assertThat(run.exitCode()).isEqualTo(ExitCodes.UNEXPECTED);
    assertThat(run.err())
        .contains("failed: somp, 60% parameters, seed 0: ", "model.onnx is a directory")
        .contains("gohsp: 1 of the runs failed; the same command tries them again");
    assertThat(run.out()).contains("random, 60% parameters ").doesNotContain("somp");

    Files.delete(obstacle);
    Files.delete(obstacle.getParent());
    Cli again = compare(arguments);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err()).contains("2 of them done; ");
    assertThat(again.out()).contains("somp, 60% parameters ");
  }

  @Test
  void dryRunOnlyTells() {
    Cli run = compare("--methods", "somp", "--keep-params", "0.6,0.4", "--dry-run");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .matches("3 runs of 200 updates, 0 of them done; \\d+ ms an update, .* about .*\n");
    assertThat(work).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--methods quantum --keep-params 0.6|there is no method \"quantum\"",
        "--methods zeros --keep-params 0.6|--methods zeros: takes no budget",
        "--methods somp,somp --keep-params 0.6|--methods: somp is there twice; give each once",
        "--methods somp --keep-params 1.2|--keep-params \"1.2\" is neither a fraction nor",
        "--methods somp --keep-params 0|--keep-params \"0\" would keep nothing",
        "--methods somp --keep-params 0.6,60%|60% parameters is there twice; give each once",
        "--methods somp|nothing says how much to keep; give budgets",
        "--methods somp --keep-params 0.6 --seeds 1,1|--seeds: 1 is there twice; give each once",
        "--methods somp --keep-params 0.6 --steps 1|--steps 1 makes no sense; give 2 or more",
        "--methods somp --keep-params 0.6 --ranking mmr|have no effect: the method somp has scores",
        "--methods somp --keep-params 0.6 --dry-run --json|--dry-run tells people",
        "--methods dense --keep-params 0.6|there is no method \"dense\"",
        "--methods somp --keep-params 0.6 --latency-batch 0|--latency-batch 0 is no number",
      })
  void saysWhatIsWrong(String arguments, String message) {
    Cli run = compare((Object[]) arguments.split(" "));

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains(message);
    assertThat(work).doesNotExist();
  }

  @Test
  void needsAPlaceToWork() {
    Cli run = Cli.run("compare", model, "--data", "digits", "--methods", "somp");
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains("--work");

    Cli file =
        Cli.run(
            "compare",
            model,
            "--data",
            "digits",
            "--methods",
            "somp",
            "--keep-params",
            0.6,
            "--work",
            model);
    assertThat(file.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(file.err()).contains("is a file; name a directory");
  }
}
