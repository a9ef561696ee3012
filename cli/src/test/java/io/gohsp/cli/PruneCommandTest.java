package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.io.OnnxReader;
import io.gohsp.plan.PlanJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruneCommandTest {
  @TempDir Path directory;

  private Path out() {
    return directory.resolve("out.onnx");
  }

  private static List<Integer> ints(JsonNode array) {
    List<Integer> ints = new ArrayList<>();
    array.forEach(number -> ints.add(number.intValue()));
    return ints;
  }

  private static List<String> fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void tellsPeopleWhatItDid() {
    Cli run = Cli.succeeds("prune", Cli.VIT, "-o", out(), "--heads", "3", "--neurons", "50%");

    assertThat(run.out().replace(out().toString(), "OUT").replaceAll("error [\\d.e+-]+", "error E"))
        .isEqualTo(
            """
                                   before    after    kept
            parameters             11.1 k   7.82 k  70.7 %
            multiply-accumulates  386.6 k  265.0 k  68.5 %
            weights               44.2 kB  31.3 kB  70.7 %

                           heads  qk width  v width   neurons
            block 0 .. 1  3 of 4         6        6  21 of 42

            OUT: equivalent: max relative error E (allowed 1e-04, per channel), 3 samples on cpu, \
            compared with the original with the removed parts switched off
            OUT: accuracy was not measured: gohsp verify MODEL OUT --data DATA does that, gohsp train OUT \
            -o TUNED --data DATA --teacher MODEL wins some back
            """);
  }

  @Test
  void tellsMachinesWhatItDid() throws IOException {
    JsonNode json =
        Cli.succeeds("prune", Cli.VIT, "-o", out(), "--heads", "3", "--neurons", "21", "--json")
            .json();

    assertThat(fields(json))
        .containsExactly(
            "output",
            "copy",
            "method",
            "params",
            "embeddings",
            "macs",
            "bytes",
            "blocks",
            "latency",
            "verification");
    assertThat(json.get("output").textValue()).isEqualTo(out().toString());
    assertThat(json.get("copy").booleanValue()).isFalse();
    assertThat(json.get("method").textValue()).isEqualTo("synthetic");
    // Of 4 heads of 6 columns in a stream of 24, and of 42 neurons:
    // a head takes 3 (24 + 1) 6 + 6 * 24 = 594 parameters, a neuron 2 * 24 + 1 = 49.
    assertThat(json.at("/params/before").longValue()).isEqualTo(11_062);
    assertThat(json.at("/params/after").longValue()).isEqualTo(11_062 - 2 * (594 + 21 * 49));
    assertThat(json.at("/bytes/after").longValue())
        .isEqualTo(4 * json.at("/params/after").longValue());
    assertThat(json.at("/macs/after").longValue()).isLessThan(json.at("/macs/before").longValue());
    assertThat(json.get("blocks")).hasSize(2);
    for (JsonNode block : json.get("blocks")) {
      assertThat(fields(block))
          .containsExactly("name", "headsKept", "qkKept", "vKept", "neuronsKept");
      assertThat(ints(block.get("headsKept"))).hasSize(3).isSorted();
      assertThat(ints(block.get("neuronsKept"))).hasSize(21).isSorted().doesNotHaveDuplicates();
      assertThat(block.get("qkKept")).hasSize(3);
      block.get("qkKept").forEach(row -> assertThat(ints(row)).containsExactly(0, 1, 2, 3, 4, 5));
    }
    JsonNode verification = json.get("verification");
    assertThat(fields(verification))
        .containsExactly(
            "passed",
            "maxAbsError",
            "maxRelError",
            "tolerance",
            "samples",
            "device",
            "mode",
            "reason",
            "evidence");
    assertThat(verification.get("passed").booleanValue()).isTrue();
    assertThat(verification.get("samples").intValue()).isEqualTo(3);
    assertThat(verification.get("device").textValue()).isEqualTo("cpu");
    assertThat(verification.get("mode").textValue()).isEqualTo("masked");
    assertThat(verification.get("maxRelError").doubleValue()).isBetween(0.0, 1e-4);
    // What was written is as large as was said.
    JsonNode written = Cli.succeeds("inspect", out(), "--json").json();
    assertThat(written.get("params")).isEqualTo(json.at("/params/after"));
    assertThat(written.get("macs")).isEqualTo(json.at("/macs/after"));
    assertThat(Files.size(out())).isLessThan(Files.size(Cli.VIT));
  }

  @ParameterizedTest
  @CsvSource({
    "--keep-params,0.7,params",
    "--keep-params,60%,params",
    "--keep-params,8k,params",
    "--keep-macs,0.7,macs"
  })
  void meetsBudgets(String option, String amount, String quantity) {
    JsonNode cost =
        Cli.succeeds("prune", Cli.VIT, "-o", out(), option, amount, "--json").json().get(quantity);

    double limit =
        switch (amount) {
          case "60%" -> 0.6 * cost.get("before").longValue();
          case "8k" -> 8000;
          default -> 0.7 * cost.get("before").longValue();
        };
    assertThat(cost.get("after").doubleValue()).isBetween(0.95 * limit, limit);
  }

  @ParameterizedTest
  @ValueSource(strings = {"synthetic", "somp", "random"})
  void sameCommandWritesSameBytes(String method) throws IOException {
    Cli.succeeds("prune", Cli.VIT, "-o", out(), "--keep-params", "0.6", "--method", method);
    byte[] first = Files.readAllBytes(out());

    Cli.succeeds("prune", Cli.VIT, "-o", out(), "--keep-params", "0.6", "--method", method);

    assertThat(Files.readAllBytes(out())).isEqualTo(first);
  }

  @Test
  void saysWhereWeightsDecide() {
    Cli quantised =
        Cli.run("prune", Cli.fixture("timm_vit__int8_qdq"), "-o", out(), "--keep-params", "0.8");
    assertThat(quantised.exitCode()).isEqualTo(ExitCodes.DONE);
    assertThat(quantised.err())
        .startsWith(
            "gohsp: note: what stays was chosen by weights alone (somp), not on made-up samples: no"
                + " gradient rule for QuantizeLinear");
  }

  @Test
  void randomFollowsItsSeed() {
    Object[] command = {
      "prune", Cli.VIT, "-o", out(), "--neurons", "21", "--method", "random", "--json", "--seed", 0
    };
    JsonNode first = Cli.succeeds(command).json().get("blocks");
    command[command.length - 1] = 1;

    assertThat(Cli.succeeds(command).json().get("blocks")).isNotEqualTo(first);
  }

  @Test
  void recordsWhereTheModelComesFrom() throws IOException {
    Cli.succeeds("prune", Cli.VIT, "-o", out(), "--neurons", "21", "--exclude", "block 1");

    Map<String, String> metadata = OnnxReader.read(out()).metadata();
    assertThat(metadata)
        .containsKeys("gohsp.plan", "gohsp.version")
        .containsEntry("gohsp.source.sha256", Sha256.of(Cli.VIT))
        .containsEntry(
            "gohsp.command",
            "gohsp prune " + Cli.VIT + " -o " + out() + " --neurons 21 --exclude 'block 1'")
        .containsEntry(
            "gohsp.verification",
            "{\"mode\":\"masked\",\"passed\":true,\"samples\":3,\"seed\":0,\"tolerance\":1.0E-4}");
  }

  /** Parameters, multiply-accumulates and latency at once, and what a file says of one block. */
  @Test
  void meetsSeveralBudgetsAndWishes() throws IOException {
    Path wishes =
        Files.writeString(
            directory.resolve("wishes.json"),
            "{\"block 1\": {\"heads\": 3}, \"block 0\": {\"minNeurons\": 20}}");
    JsonNode json =
        Cli.succeeds(
                "prune",
                Cli.VIT,
                "-o",
                out(),
                "--method",
                "somp",
                "--keep-params",
                "0.8",
                "--keep-macs",
                "0.7",
                "--latency",
                "10s",
                "--align",
                1,
                "--wishes",
                wishes,
                "--json")
            .json();
    assertThat(json.at("/params/after").doubleValue())
        .isLessThanOrEqualTo(0.8 * json.at("/params/before").doubleValue());
    assertThat(json.at("/macs/after").doubleValue())
        .isLessThanOrEqualTo(0.7 * json.at("/macs/before").doubleValue());
    assertThat(json.at("/latency/target").textValue()).isEqualTo("10000 ms");
    assertThat(json.at("/blocks/1/headsKept")).hasSize(3);
    assertThat(json.at("/blocks/0/neuronsKept").size()).isGreaterThanOrEqualTo(20);
    assertThat(Cli.run("prune", Cli.VIT, "-o", out(), "--wishes", directory.resolve("none")).err())
        .contains("none cannot be read");
  }

  /** Zero of a block is a number like any other, or is refused with what stands in the way. */
  @Test
  void dropsBranchesThatAreWishedAway() throws IOException {
    Path wishes =
        Files.writeString(
            directory.resolve("wishes.json"),
            "{\"block 1\": {\"heads\": 0}, \"block 0\": {\"neurons\": 0}}");
    assertThat(Cli.succeeds("prune", Cli.VIT, "-o", out(), "--wishes", wishes).out())
        .containsPattern("block 0 +4 +6 +6 +0 of 42")
        .containsPattern("block 1 +0 of 4 +0 of 6 +0 of 6 +42");
    Files.writeString(
        wishes,
        "{\"block 1\": {\"heads\": 0}, \"block 0\": {\"neurons\": 0}, \"block *\": \"keep\"}");
    JsonNode json =
        Cli.succeeds("prune", Cli.VIT, "-o", out(), "--wishes", wishes, "--json").json();
    assertThat(json.at("/blocks/1/headsKept")).isEmpty();
    assertThat(json.at("/blocks/0/neuronsKept")).isEmpty();
    assertThat(json.at("/blocks/0/headsKept")).hasSize(4);
    assertThat(json.at("/verification/passed").booleanValue()).isTrue();

    Files.writeString(wishes, "{\"block *\": {\"heads\": 0}}");
    Cli run =
        Cli.run("prune", Cli.fixture("hf_timesformer_video"), "-o", out(), "--wishes", wishes);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("all heads of block 0 are wished to go, but cannot: ");
  }

  /**
   * Blocks of one set of weights lose the same, so that nobody can wish for one alone otherwise.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"block 0\": {\"heads\": 1}, \"block 1\": {\"heads\": 2}} | heads of block 0 and block 1 share one axis, but 1 are to stay in block 0 and 2 in block 1",
        "{\"block 0\": \"keep\", \"block 1\": {\"neurons\": 0}} | neurons of block 0 and block 1 share one axis, but 42 are to stay in block 0 and 0 in block 1",
        "{\"block 1\": {\"v\": 3}, \"block *\": {\"v\": 5}} | value columns of block 0 and block 1 share one axis, but 5 are to stay in block 0 and 3 in block 1",
        "{\"block 1\": {\"heads\": 2}} |",
        "{\"block *\": {\"heads\": 2}, \"block 1\": {\"heads\": 1}} |"
      })
  void tiedBlocksAreWishedAlike(String wishes, @Nullable String message) throws IOException {
    Path file = Files.writeString(directory.resolve("wishes.json"), wishes);
    Cli run = Cli.run("prune", Cli.fixture("hf_albert_tied"), "-o", out(), "--wishes", file);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(message == null ? 0 : 2);
    assertThat(run.err()).contains(message == null ? "" : message);
  }

  /** The first and the last block of this decoder have an MLP, the one between attention alone. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "timm_mixer | block 1 | heads | 0 | heads of \"block 1\", which has no attention",
        "timm_mixer | block 1 | minWidth | 2 | query-key columns of \"block 1\", which has no attention",
        "timm_mixer | block ? | qk | 2 |",
        "timm_mixer | /[12]/ | v | 3 | value columns of \"/[12]/\", which has no attention",
        "hf_detr_detection | block 1 | neurons | 0 | neurons of \"block 1\", which has no MLP",
        "hf_detr_detection | /[12]/ | neurons | 9 |",
        "hf_detr_detection | block * | minNeurons | 9 |",
      })
  void wishesForPartsThatABlockLacksAreRefused(
      String fixture, String block, String part, int number, @Nullable String message)
      throws IOException {
    Path wishes =
        Files.writeString(
            directory.resolve("wishes.json"),
            "{\"%s\": {\"%s\": %d}}".formatted(block, part, number));
    Cli run =
        Cli.run(
            "prune",
            Cli.fixture(fixture),
            "-o",
            out(),
            "--neurons",
            "50%",
            "--wishes",
            wishes,
            "--method",
            "somp");
    assertThat(run.exitCode())
        .as(run.err())
        .isEqualTo(message == null ? ExitCodes.DONE : ExitCodes.USAGE);
    assertThat(run.err()).contains(message == null ? "" : "a wish is for " + message);
  }

  @Test
  void doesNotClaimWhatWasNotVerified() {
    Cli run = Cli.succeeds("prune", Cli.VIT, "-o", out(), "--neurons", "21", "--no-verify");

    assertThat(run.out())
        .contains(out() + ": written without verification\n")
        .contains(out() + ": accuracy was not measured: ");
    assertThat(OnnxReader.read(out()).metadata())
        .containsEntry("gohsp.verification", "{\"mode\":\"masked\"}");
    Cli.succeeds("verify", Cli.VIT, out());
  }

  @Test
  void planCanBeAppliedAgain() throws IOException {
    Path plan = directory.resolve("plan.json");
    Path again = directory.resolve("again.onnx");
    Cli pruned =
        Cli.succeeds(
            "prune", Cli.VIT, "-o", out(), "--keep-params", "0.6", "--plan-out", plan, "--json");

    Cli applied = Cli.succeeds("apply", Cli.VIT, plan, "-o", again, "--json");

    assertThat(applied.json().get("blocks")).isEqualTo(pruned.json().get("blocks"));
    assertThat(applied.json().get("params")).isEqualTo(pruned.json().get("params"));
    assertThat(OnnxReader.read(again).metadata().get("gohsp.plan"))
        .isEqualTo(OnnxReader.read(out()).metadata().get("gohsp.plan"))
        .isEqualTo(PlanJson.compact(PlanJson.read(plan)));
  }

  /** Weights of the second layer that meet neurons 3 and 7 are zero: [24, 42], so columns. */
  private Path withDeadNeurons() throws IOException {
    Path model = directory.resolve("model.onnx");
    Cli.succeeds(
        "create",
        "vit-small",
        "-o",
        model,
        "--dim",
        24,
        "--depth",
        2,
        "--heads",
        4,
        "--mlp",
        42,
        "--image",
        8);
    return Weights.changed(
        model,
        "blocks.1.mlp.fc2.weight",
        directory.resolve("dead.onnx"),
        (i, value) -> i % 42 == 3 || i % 42 == 7 ? 0 : value);
  }

  @Test
  void zerosRemovesDeadWeightAndNothingElse() throws IOException {
    Path dead = withDeadNeurons();

    JsonNode json = Cli.succeeds("prune", dead, "-o", out(), "--method", "zeros", "--json").json();

    assertThat(ints(json.at("/blocks/0/neuronsKept"))).hasSize(42);
    assertThat(ints(json.at("/blocks/1/neuronsKept"))).hasSize(40).doesNotContain(3, 7);
    assertThat(json.at("/verification/mode").textValue()).isEqualTo("plain");
    assertThat(Cli.succeeds("verify", dead, out(), "--json").json().get("mode").textValue())
        .isEqualTo("plain");
  }

  @Test
  void sideFilesTravelWithTheModel() throws IOException {
    Path original = Cli.fixture("timm_vit__external");

    Cli.succeeds("prune", original, "-o", out(), "--neurons", "21");

    Path side = OnnxReader.files(OnnxReader.read(out())).get(1);
    assertThat(side.getParent()).isEqualTo(directory.toRealPath());
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Files.move(out(), elsewhere.resolve("out.onnx"));
    Files.move(side, elsewhere.resolve(side.getFileName()));
    Cli.succeeds("verify", original, elsewhere.resolve("out.onnx"));
  }

  @Test
  void keepingEverythingCopies() throws IOException {
    Cli run = Cli.succeeds("prune", Cli.VIT, "-o", out(), "--keep-params", "1.0");

    assertThat(run.out())
        .endsWith(out() + ": nothing is removed, so it is a byte-identical copy of the original\n");
    assertThat(Files.mismatch(out(), Cli.VIT)).isEqualTo(-1);
    assertThat(Cli.succeeds("verify", Cli.VIT, out()).out()).contains("equivalent");
  }

  @Test
  void tellsTheLatencyThatWasMeasured() throws IOException {
    Path plan = directory.resolve("plan.json");
    // Far more than the fixture takes, so that everything else stays: this is about the report.
    Object[] command = {
      "prune", Cli.VIT, "-o", out(), "--latency", "10s", "--neurons", "21", "--plan-out", plan
    };

    Cli run = Cli.run(command);

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern(
            "latency with batch 2 on cpu: [\\d.]+ ms before, [\\d.]+ ms after, [\\d.]+ %"
                + " \\([\\d.]+ to [\\d.]+, 95 % of \\d+ rounds in turns\\);"
                + " asked for: 10000 ms\n");
    Cli machine = Cli.run(Stream.concat(Stream.of(command), Stream.of("--json")).toArray());
    JsonNode latency = machine.json().get("latency");
    assertThat(fields(latency))
        .containsExactly(
            "target",
            "device",
            "threads",
            "batch",
            "rounds",
            "medianMs",
            "ratio",
            "align",
            "alignments",
            "candidates");
    assertThat(latency.get("target").textValue()).isEqualTo("10000 ms");
    assertThat(latency.get("batch").intValue()).isEqualTo(2);
    assertThat(latency.at("/medianMs/high").doubleValue())
        .isBetween(latency.at("/medianMs/low").doubleValue(), 10_000.0);
    assertThat(latency.at("/ratio/after").doubleValue())
        .isBetween(latency.at("/ratio/low").doubleValue(), latency.at("/ratio/high").doubleValue());
    assertThat(machine.json().at("/blocks/0/neuronsKept")).hasSize(21);
    // What was measured is not in the file, what was chosen is: the plan repeats it.
    Path again = directory.resolve("again.onnx");
    JsonNode applied = Cli.succeeds("apply", Cli.VIT, plan, "-o", again, "--json").json();
    assertThat(applied.get("blocks")).isEqualTo(machine.json().get("blocks"));
    assertThat(applied.get("latency").isNull()).isTrue();
    assertThat(OnnxReader.read(again).metadata().get("gohsp.plan"))
        .isEqualTo(OnnxReader.read(out()).metadata().get("gohsp.plan"))
        .contains("\"latency\":\"10000 ms\"");
  }

  @Test
  void saysWhichLatencyCanBeReached() {
    Cli run = Cli.run("prune", Cli.VIT, "-o", out(), "--latency", "1us", "--align", 2);

    assertThat(run.exitCode()).isEqualTo(5);
    assertThat(run.err().lines().filter(line -> !line.endsWith("...")))
        .singleElement()
        .asString()
        .matches(
            "gohsp: .*model.onnx: the latency of 0.001 ms cannot be reached: the smallest model that"
                + " the options allow takes [\\d.]+ ms, [\\d.]+ to [\\d.]+ % of the original's"
                + " [\\d.]+ ms, with batch 2 \\(raise the target, .*\\)");
    assertThat(out()).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--keep-params|18M|a budget of 18000000 parameters is more than the model's 11.1 k: nothing has to go",
        "--heads|9|--heads 9 removes nothing: no block has more than 4",
        "--neurons|50|--neurons 50 removes nothing: no block has more than 42",
        "--qk|7|--qk 7 removes nothing: no block has more than 6",
        "--v|7|--v 7 removes nothing: no block has more than 6",
      })
  void notesSharesThatRemoveNothing(String option, String share, String note) {
    Cli run = Cli.run("prune", Cli.VIT, "-o", out(), option, share);

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEqualTo("gohsp: note: " + note + "\n");
    assertThat(Cli.succeeds("prune", Cli.VIT, "-o", out(), option, share, "-q").out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hf_wavlm|{}|--heads 2|block 0 and 1 more: is normalised by LayerNormalization: removing a position would change the others (LayerNormalization \"/m/encoder/layer_norm/LayerNormalization\")",
        "hf_wavlm|{\"block 1\": {\"heads\": 3}}|a wish for 3 heads|block 1: is normalised by LayerNormalization: removing a position would change the others (LayerNormalization \"/m/encoder/layer_norm/LayerNormalization\")",
        "rep_lightglue_dynbatch|{}|--qk 50%|block 0 and 1 more: query-key and value columns are one axis, and only one of both has a share",
      })
  void notesSharesOfWhatCannotGo(String fixture, String wishes, String asked, String why)
      throws IOException {
    Path file = Files.writeString(directory.resolve("wishes.json"), wishes);
    List<Object> words =
        new ArrayList<>(List.of("prune", Cli.fixture(fixture), "-o", out(), "--neurons", "50%"));
    words.addAll(List.of("--wishes", file));
    words.addAll(asked.startsWith("--") ? List.of((Object[]) asked.split(" ")) : List.of());

    Cli run = Cli.run(words.toArray());

    assertThat(run.exitCode()).isZero();
    assertThat(run.err().lines())
        .contains("gohsp: note: " + asked + " removes nothing from " + why);
  }

  @Test
  void keepingAllThereIsNeedsNoNote() {
    Cli.succeeds("prune", Cli.VIT, "-o", out(), "--heads", "4", "--neurons", "100%");
  }

  @Test
  void notesAPlanThatWasMadeForAnotherFile() {
    Path plan = directory.resolve("plan.json");
    Cli.succeeds("prune", Cli.VIT, "-o", out(), "--heads", "3", "--plan-out", plan);
    Path again = directory.resolve("again.onnx");

    Cli run = Cli.run("apply", Cli.fixture("timm_vit_legacy_op13_unfused"), plan, "-o", again);

    assertThat(run.exitCode()).isZero();
    assertThat(run.err().replaceAll("[0-9a-f]{64}", "SHA"))
        .isEqualTo(
            "gohsp: note: "
                + plan
                + " was made for another file (its SHA-256 is SHA); the blocks have the same sizes,"
                + " so it is applied\n");
  }

  @Test
  void quietSaysNothing() {
    assertThat(Cli.succeeds("prune", Cli.VIT, "-o", out(), "--neurons", "21", "-q").out())
        .isEmpty();
  }

  @Test
  void verboseTellsHowLongPhasesTake() {
    Cli run = Cli.run("prune", Cli.VIT, "-o", out(), "--neurons", "21", "-v");

    assertThat(run.err().replaceAll(" *\\d+ ms", "T"))
        .isEqualTo("T  reading\nT  analysing\nT  choosing\nT  pruning\nT  writing\nT  verifying\n");
  }
}
