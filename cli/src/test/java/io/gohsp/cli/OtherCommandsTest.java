package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code inspect}, {@code apply}, {@code bench}, {@code create} and help. */
class OtherCommandsTest {
  @TempDir Path directory;

  @Test
  void inspectTellsMachines() {
    String json = Cli.succeeds("inspect", Cli.VIT, "--json").out();
    assertThat(json)
        .startsWith(
            "{\"inputs\":[{\"name\":\"input\",\"type\":\"FLOAT[2, 3, 16, 16]\"}],"
                + "\"outputs\":[{\"name\":\"output\",\"type\":\"FLOAT[2, 10]\"}],"
                + "\"batch\":2,\"producer\":\"pytorch 2.13.0\",\"irVersion\":8,"
                + "\"opsets\":{\"\":17},\"operators\":{\"Constant\":28,\"Add\":15,\"MatMul\":12,")
        .endsWith(
            "\"sideFiles\":[],\"least\":{\"params\":2488,\"macs\":49448},"
                + "\"params\":11062,\"embeddings\":0,\"macs\":386592,\"bytes\":44248,\"blocks\":["
                + Stream.of("block 0", "block 1")
                    .map(
                        block ->
                            "{\"name\":\"%s\",\"heads\":4,\"qkWidth\":6,\"vWidth\":6,\"neurons\":42,\"params\":4434,\"macs\":174624}"
                                .formatted(block))
                    .collect(Collectors.joining(","))
                + "],\"notPrunable\":[],\"basis\":["
                + Stream.of("block 0", "block 1")
                    .flatMap(block -> Stream.of("qk", "v").map(part -> free(block, part)))
                    .collect(Collectors.joining(","))
                + "],\"unknownOperators\":[],\"streams\":[{\"name\":\"stream 0\",\"width\":24,"
                + "\"free\":true,\"layers\":false,\"node\":null,\"opType\":null,\"reason\":null}],\"tied\":[],\"shared\":[]}\n");
  }

  /** Weights of a block by hand: four projections of 24 x 24, two of 24 x 42, and their biases. */
  @Test
  void sharesAreOfWhatMayGo() {
    JsonNode block = Cli.succeeds("inspect", Cli.VIT, "--json").json().at("/blocks/0");
    int attention = 4 * 24 * 24 + 3 * 24;
    int mlp = 2 * 24 * 42 + 42;
    assertThat(block.get("params").intValue()).isEqualTo(attention + mlp);
    // Two samples of 17 tokens: projections, scores and averages, MLP.
    assertThat(block.get("macs").intValue())
        .isEqualTo(2 * 17 * (4 * 24 * 24 + 2 * 17 * 24 + 2 * 24 * 42));
  }

  /** What is told to be the least can be had. */
  @Test
  void theLeastIsReached() {
    Path out = directory.resolve("least.onnx");
    Cli.succeeds("prune", Cli.VIT, "-o", out, "--keep-params", 2488, "--method", "somp");
    JsonNode least = Cli.succeeds("inspect", out, "--json").json();
    assertThat(least.get("params").intValue()).isEqualTo(2488);
    assertThat(least.at("/blocks/0/heads").intValue()).isEqualTo(1);
  }

  @Test
  void inspectShowsSeveralSideBySide() {
    Path half = directory.resolve("half.onnx");
    Cli.succeeds("prune", Cli.VIT, "-o", half, "--heads", 2, "--method", "somp", "-q");
    JsonNode models = Cli.succeeds("inspect", Cli.VIT, half, "--json").json().get("models");
    assertThat(models).hasSize(2);
    assertThat(models.at("/0/heads").intValue()).isEqualTo(8);
    assertThat(models.at("/1/heads").intValue()).isEqualTo(4);
    assertThat(models.at("/1/params").intValue()).isLessThan(models.at("/0/params").intValue());
    assertThat(Cli.succeeds("inspect", Cli.VIT, half).out())
        .containsPattern("heads +8 +4\n")
        .containsPattern("batch +2 +2\n")
        .containsPattern("outputs +output FLOAT\\[2, 10] +output FLOAT\\[2, 10]\n")
        .containsPattern("format +IR 8, opset 17, by pytorch 2.13.0 +IR 8, opset 17, by pytorch")
        .containsPattern("  block 0, params / MACs +40.1 % / 45.2 % +37.4 % / 43.3 %\n")
        .containsPattern("  Softmax +2 +2\n");
  }

  private static String free(String block, String part) {
    return "{\"block\":\"%s\",\"part\":\"%s\",\"free\":true,\"node\":null,\"opType\":null,\"reason\":null}"
        .formatted(block, part);
  }

  @Test
  void inspectTellsWhatCannotBeRotated() {
    String fixture = "hf_llama_gqa_dynamo_op23";
    JsonNode basis = Cli.succeeds("inspect", Cli.fixture(fixture), "--json").json().get("basis");

    assertThat(basis).hasSize(4);
    assertThat(basis.get(0).toString())
        .isEqualTo(
            "{\"block\":\"block 0\",\"part\":\"qk\",\"free\":false,\"node\":\"node_mul_4\","
                + "\"opType\":\"Mul\",\"reason\":\"is multiplied column by column\"}");
    assertThat(basis.get(1).get("free").booleanValue()).isTrue();
    assertThat(Cli.succeeds("inspect", Cli.fixture(fixture)).out())
        .contains(
            """
            Free to rotate: query-key and value columns, but
              qk of block 0 (Mul node_mul_4), qk of block 1 (Mul node_mul_13): is multiplied column by column
            """);
  }

  @Test
  void inspectTellsPeople() {
    assertThat(Cli.succeeds("inspect", Cli.VIT).out())
        .isEqualTo(
            Cli.VIT
                + """

                inputs     input FLOAT[2, 3, 16, 16]
                outputs    output FLOAT[2, 10]
                batch      2, built in
                format     IR 8, opset 17, by pytorch 2.13.0
                nodes      104: 28 Constant, 15 Add, 12 MatMul, 7 Transpose, 7 Mul, 6 Squeeze, 5 Reshape, 5 LayerNormalization,
                           2 Concat, 2 Split, 2 Softmax, 2 Div, 2 Erf, 1 Conv, 1 Shape, 1 Slice, 1 ConstantOfShape, 1 Equal,
                           1 Where, 1 Expand, 1 Gather, 1 Gemm

                parameters                             11.1 k
                multiply-accumulates                  386.6 k
                weights                               44.2 kB
                parameters at least            2.49 k, 22.5 %
                multiply-accumulates at least  49.4 k, 12.8 %

                              heads  qk width  v width  neurons  parameters    MACs
                block 0 .. 1      4         6        6       42      40.1 %  45.2 %

                Free to rotate: query-key and value columns

                Residual streams:
                  stream 0: 24 channels, may be narrower
                """);
  }

  @Test
  void inspectTellsWhatCannotBePruned() {
    JsonNode json =
        Cli.succeeds("inspect", Cli.fixture("timm_vit__int4_matmulnbits"), "--json").json();

    assertThat(json.get("notPrunable")).isNotEmpty();
    JsonNode first = json.get("notPrunable").get(0);
    assertThat(first.get("block").textValue()).isEqualTo("block 0");
    assertThat(first.get("part").textValue()).isEqualTo("heads");
    assertThat(first.get("node").textValue()).isEqualTo("/blocks/blocks.0/attn/proj/MatMul_Q4");
    assertThat(first.get("opType").textValue()).isEqualTo("MatMulNBits");
    assertThat(first.get("reason").textValue())
        .isEqualTo("its weights are quantised in blocks along this axis");
  }

  /** What ONNX Runtime fuses and then quantises. */
  @Test
  void inspectKnowsQuantisedEmbeddings() {
    JsonNode json = Cli.succeeds("inspect", Cli.model("qembedlayernorm.onnx"), "--json").json();

    assertThat(json.at("/blocks/0/heads").intValue()).isEqualTo(4);
    assertThat(json.at("/blocks/0/neurons").intValue()).isEqualTo(42);
    assertThat(json.get("unknownOperators")).isEmpty();
  }

  /** Int8 tables, of which Gather reads the rows. */
  @Test
  void inspectCountsQuantisedTables() {
    JsonNode json = Cli.succeeds("inspect", Cli.model("quantised_embedding.onnx"), "--json").json();

    assertThat(json.get("params").longValue()).isEqualTo(58_212);
  }

  @Test
  void inspectNamesOperatorsThatItDoesNotKnow() {
    Path model = Cli.model("sequence.onnx");
    JsonNode json = Cli.succeeds("inspect", model, "--json").json();

    assertThat(json.get("unknownOperators"))
        .hasToString(
            "[{\"opType\":\"SplitToSequence\",\"nodes\":1},"
                + "{\"opType\":\"ConcatFromSequence\",\"nodes\":1}]");
    assertThat(Cli.succeeds("inspect", model).out())
        .contains("that what they touch stays: SplitToSequence (1), ConcatFromSequence (1)");
  }

  @Test
  void inspectWorksWithoutBlocks() {
    JsonNode json = Cli.succeeds("inspect", Cli.fixture("neg_cnn"), "--json").json();

    assertThat(json.get("blocks")).isEmpty();
    assertThat(json.get("params").longValue()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"timm_vit_legacy_op17_unfused", "timm_vit__external"})
  void emptyPlanCopies(String fixture) throws IOException {
    Path original = Cli.fixture(fixture);
    Path plan =
        Files.writeString(
            directory.resolve("plan.json"),
            "{\"format\":\"gohsp-plan\",\"version\":1,\"blocks\":[{\"name\":\"block 0\"},{\"name\":\"block 1\"}]}");
    Path out = directory.resolve("out.onnx");

    JsonNode json = Cli.succeeds("apply", original, plan, "-o", out, "--json").json();

    assertThat(json.get("copy").booleanValue()).isTrue();
    assertThat(json.at("/params/after")).isEqualTo(json.at("/params/before"));
    assertThat(json.at("/verification/passed").booleanValue()).isTrue();
    assertThat(Files.mismatch(out, original)).isEqualTo(-1);
    Path data = original.resolveSibling("model.onnx.data");
    if (Files.exists(data)) {
      assertThat(Files.mismatch(directory.resolve("model.onnx.data"), data)).isEqualTo(-1);
    }
  }

  @Test
  void copyNeverReplacesOtherWeights() throws IOException {
    Path original = Cli.fixture("timm_vit__external");
    Path plan =
        Files.writeString(
            directory.resolve("plan.json"),
            "{\"format\":\"gohsp-plan\",\"version\":1,\"blocks\":[{\"name\":\"block 0\"},{\"name\":\"block 1\"}]}");
    Path other = Files.writeString(directory.resolve("model.onnx.data"), "mine");

    Cli run = Cli.run("apply", original, plan, "-o", directory.resolve("out.onnx"));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "gohsp: %s cannot be written: %s is another file than the weights of that name; choose another directory%n"
                .formatted(directory.resolve("out.onnx"), other.toAbsolutePath()));
    assertThat(other).hasContent("mine");
    assertThat(directory.resolve("out.onnx")).doesNotExist();
  }

  /** Of what a plan only counts, what prune would keep stays. */
  @Test
  void aPlanMaySayHowMany() throws IOException {
    Path plan = directory.resolve("plan.json");
    Path out = directory.resolve("out.onnx");
    Cli.succeeds(
        "prune",
        Cli.VIT,
        "-o",
        out,
        "--heads",
        2,
        "--neurons",
        "50%",
        "--method",
        "somp",
        "--plan-out",
        plan);
    JsonNode chosen = Cli.succeeds("inspect", out, "--json").json().get("blocks");
    Files.writeString(
        plan, Files.readString(plan).replaceAll("\"headsKept\" : \\[[^]]*]", "\"headsKept\" : 2"));

    Cli run = Cli.run("apply", Cli.VIT, plan, "-o", directory.resolve("again.onnx"));

    assertThat(run.err())
        .contains("plan.json says how many stay of something; which was chosen by weights");
    assertThat(
            Cli.succeeds("inspect", directory.resolve("again.onnx"), "--json").json().get("blocks"))
        .isEqualTo(chosen);
    Files.writeString(
        plan, Files.readString(plan).replace("\"headsKept\" : 2", "\"headsKept\" : 99"));
    Cli more = Cli.run("apply", Cli.VIT, plan, "-o", directory.resolve("again.onnx"));
    assertThat(more.exitCode()).isEqualTo(ExitCodes.UNSUPPORTED);
    assertThat(more.err()).contains("blocks[0].headsKept: keeps 99 of ");
  }

  private Path created(String name, int image) {
    Path model = directory.resolve(name);
    Cli.succeeds(
        "create",
        "vit-small",
        "-o",
        model,
        "--dim",
        16,
        "--depth",
        2,
        "--heads",
        2,
        "--image",
        image);
    return model;
  }

  @Test
  void benchTimesModelsThatTakeTheSame() {
    Path small = created("small.onnx", 8);
    Path large = created("large.onnx", 16);
    Cli run = Cli.run("bench", small, large);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("large.onnx takes other inputs (image FLOAT[")
        .contains("16, 16]")
        .contains("8, 8]); time models that take the same");
  }

  @Test
  void benchComparesWithTheFirst() {
    Path model = created("model.onnx", 8);
    JsonNode json =
        Cli.succeeds("bench", model, model, "--batch", 1, "--batch", 3, "--steps", 2, "--json")
            .json();

    assertThat(json.get("device").textValue()).isEqualTo("cpu");
    assertThat(json.get("models")).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonNode entry = json.get("models").get(i);
      assertThat(entry.get("path").textValue()).isEqualTo(model.toString());
      assertThat(entry.get("batch").intValue()).isEqualTo(i < 2 ? 1 : 3);
      assertThat(entry.get("minMs").doubleValue())
          .isPositive()
          .isLessThanOrEqualTo(entry.get("medianMs").doubleValue());
      assertThat(entry.get("ratio").doubleValue()).isPositive();
    }
    assertThat(json.at("/models/0/ratio").doubleValue()).isEqualTo(1);
    assertThat(json.at("/models/2/ratio").doubleValue()).isEqualTo(1);
  }

  @Test
  void createsWhatWasAskedFor() throws IOException {
    Path model = directory.resolve("model.onnx");
    Object[] command = {
      "create",
      "vit-small",
      "-o",
      model,
      "--dim",
      12,
      "--depth",
      3,
      "--heads",
      2,
      "--mlp",
      20,
      "--patch",
      8,
      "--image",
      16,
      "--classes",
      5,
      "--json"
    };
    JsonNode json = Cli.succeeds(command).json();
    byte[] first = Files.readAllBytes(model);
    Cli.succeeds(command);

    assertThat(Files.readAllBytes(model)).isEqualTo(first);
    assertThat(json.get("output").textValue()).isEqualTo(model.toString());
    JsonNode inspected = Cli.succeeds("inspect", model, "--json").json();
    assertThat(inspected.get("params")).isEqualTo(json.get("params"));
    assertThat(inspected.get("blocks")).hasSize(3);
    assertThat(inspected.at("/blocks/2/heads").intValue()).isEqualTo(2);
    assertThat(inspected.at("/blocks/2/qkWidth").intValue()).isEqualTo(6);
    assertThat(inspected.at("/blocks/2/neurons").intValue()).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "inspect",
        "rank",
        "sensitivity",
        "tradeoff",
        "prune",
        "apply",
        "verify",
        "train",
        "bench",
        "create"
      })
  void helpEndsWithAnExample(String command) {
    Cli run = command.isEmpty() ? Cli.succeeds("--help") : Cli.succeeds(command, "--help");

    assertThat(run.out())
        .containsPattern("\nExamples?:\n(  gohsp \\w+ .*\n)+$")
        .doesNotContain("\u001b");
  }

  @Test
  void tellsItsVersion() {
    assertThat(Cli.succeeds("--version").out()).startsWith("gohsp ");
  }
}
