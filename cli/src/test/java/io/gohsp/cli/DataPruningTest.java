package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.io.OnnxReader;
import io.gohsp.plan.PlanJson;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code prune --data}. */
class DataPruningTest {
  @TempDir Path directory;

  private Path model;
  private Path out;

  @BeforeEach
  void createModel() {
    model = directory.resolve("dense.onnx");
    out = directory.resolve("out.onnx");
    create(model, 1);
  }

  static void create(Path file, int channels) {
    Cli.succeeds(
        (Object[])
            ("create vit-small --image 8 --patch 4 --dim 16 --depth 2 --heads 4 --mlp 24 --classes 10"
                    + " --channels "
                    + channels
                    + " -o "
                    + file)
                .split(" "));
  }

  private Cli prune(Path from, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("prune", from, "-o", out, "--threads", 1));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray());
  }

  /** Two passes over the built-in data. */
  private static final Object[] SHORT = {
    "--data", "digits", "--keep-params", 0.6, "--soft-epochs", 1, "--epochs", 1, "--calibration", 64
  };

  private static Object[] with(Object[] some, Object... more) {
    return Stream.of(some, more).flatMap(Stream::of).toArray();
  }

  private Cli pruned(Path from, Object... more) {
    Cli run = prune(from, more);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  @Test
  void saysHowItWentInOrder() {
    Cli run =
        pruned(
            model,
            "--data",
            "digits",
            "--keep-params",
            0.6,
            "--soft-epochs",
            2,
            "--epochs",
            1,
            "--lr",
            3e-3);

    // Phases that take long and steps are told on a slow machine.
    assertThat(run.err().lines().filter(line -> !line.matches("(gohsp: |step \\d).*")))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("built-in digits digits: 1,797 samples"),
            line -> assertThat(line).isEqualTo("pruning gradually"),
            line -> assertThat(line).startsWith("epoch 1: loss "),
            line -> assertThat(line).startsWith("relative norm of pruned groups: heads "),
            line -> assertThat(line).startsWith("epoch 2: loss "),
            line -> assertThat(line).startsWith("relative norm of pruned groups: heads "),
            line -> assertThat(line).isEqualTo("fine-tuning"),
            line -> assertThat(line).startsWith("epoch 1: loss "));
    assertThat(run.out())
        .contains("parameters", "block 0", "before ", "after the cut ", "fine-tuned ")
        .containsPattern(
            "relative norm of pruned groups before the cut: heads 0\\.0\\d+, columns 0\\.0")
        .containsPattern(
            "out.onnx: (corrected in \\d layers and )?trained for 75 updates, so that it computes something else"
                + " than the original; the cut itself was equivalent: max relative");
  }

  @Test
  void jsonHasPhasesAccuraciesAndHeads() throws IOException {
    Path plan = directory.resolve("plan.json");
    JsonNode json =
        pruned(
                model,
                "--data",
                "digits",
                "--keep-params",
                0.6,
                "--soft-epochs",
                2,
                "--epochs",
                1,
                "--calibration",
                40,
                "--plan-out",
                plan,
                "--json")
            .json();

    assertThat(json.get("method").textValue()).isEqualTo("gohsp");
    assertThat(json.get("verification").get("passed").asBoolean()).isTrue();
    assertThat(json.get("trainedSteps").asInt()).isEqualTo(75);
    assertThat(json.get("seed").asInt()).isZero();
    assertThat(json.get("phases")).hasSize(2);
    JsonNode soft = json.get("phases").get(0);
    assertThat(soft.get("name").textValue()).isEqualTo("soft");
    assertThat(soft.get("epochs")).hasSize(2);
    assertThat(soft.get("remaining").size()).isGreaterThanOrEqualTo(20);
    JsonNode last = soft.get("remaining").get(soft.get("remaining").size() - 1);
    assertThat(last.get("step").asInt()).isEqualTo(50);
    for (String part : List.of("heads", "columns", "neurons")) {
      assertThat(last.get(part).asDouble()).as(part).isBetween(0.0, 1e-2);
    }
    JsonNode tune = json.get("phases").get(1);
    assertThat(tune.get("remaining")).isEmpty();
    JsonNode evaluation = json.get("evaluation");
    assertThat(evaluation.get("before").get("samples").asInt()).isEqualTo(180);
    assertThat(evaluation.get("after").get("accuracy"))
        .isEqualTo(tune.get("epochs").get(0).get("accuracy"));
    // What was cut was a hundredth of the rest; see PruningPipelineTest for the bound.
    assertThat(evaluation.get("atCut").get("loss").asDouble())
        .isCloseTo(soft.get("epochs").get(1).get("loss").asDouble(), within(1e-2));
    assertThat(json.get("heads")).hasSize(2);
    assertThat(json.get("heads").get(0).get("stationary")).hasSize(4);

    var written = PlanJson.read(plan);
    assertThat(written.provenance())
        .containsEntry("method", "gohsp")
        .containsEntry("ranking", "mmr")
        .containsEntry("allocation", "knapsack")
        .containsEntry("budget", "60% parameters")
        .containsKey("sha256");
    assertThat(PlanJson.compact(written))
        .isEqualTo(OnnxReader.read(out).metadata().get("gohsp.plan"));
  }

  @Test
  void verifyTellsWhatWasFoundAtTheCut() {
    pruned(model, "--data", "digits", "--neurons", 12, "--soft-epochs", 1, "--epochs", 1);
    Map<String, String> metadata = OnnxReader.read(out).metadata();
    assertThat(metadata)
        .containsEntry("gohsp.trained", "50")
        .containsKeys("gohsp.plan", "gohsp.source.sha256", "gohsp.command", "gohsp.version");
    assertThat(metadata.get("gohsp.verification"))
        .startsWith("{\"mode\":\"masked\",\"passed\":true,\"samples\":3,\"seed\":0,\"tolerance\"")
        .contains("\"maxAbsError\":");

    assertThat(Cli.succeeds("verify", model, out).out())
        .contains("out.onnx: trained for 50 updates, so that it computes something else")
        .contains("when it was cut it was equivalent: max relative error ")
        .doesNotContain("compared with the original");
    JsonNode json = Cli.run("verify", model, out, "--data", "digits", "--json").json();
    assertThat(json.get("mode").textValue()).isEqualTo("cut");
    assertThat(json.get("trainedSteps").asInt()).isEqualTo(50);
    JsonNode data = json.get("data");
    assertThat(data.get("samples").asInt()).isEqualTo(180);
    assertThat(data.get("agreement").asDouble()).isBetween(0.0, 1.0);
    assertThat(data.get("meanKl").asDouble()).isPositive();
    assertThat(data.get("accuracy").get("pruned").asDouble())
        .isGreaterThan(data.get("accuracy").get("original").asDouble()); // which was never trained
    assertThat(Cli.run("verify", model, out, "--data", "digits").out())
        .containsPattern("top-1 agreement with the original \\S+ % on 180 samples, mean KL");
  }

  /** An untrained copy says the same of everything. */
  @Test
  void aModelAgreesWithItself() {
    Cli.succeeds("prune", model, "-o", out, "--keep-params", 1.0);
    JsonNode data = Cli.run("verify", model, out, "--data", "digits", "--json").json().get("data");
    assertThat(data.get("agreement").asDouble()).isEqualTo(1);
    assertThat(data.get("meanKl").asDouble()).isZero();
    assertThat(data.at("/accuracy/original")).isEqualTo(data.at("/accuracy/pruned"));
  }

  @Test
  void withoutTrainingTheResultEqualsTheMaskedOriginal() {
    Cli run =
        pruned(
            model,
            "--data",
            "digits",
            "--heads",
            2,
            "--soft-epochs",
            0,
            "--epochs",
            0,
            "--no-recover",
            "--json");
    assertThat(run.json().get("phases")).isEmpty();
    assertThat(run.json().get("trainedSteps").asInt()).isZero();
    assertThat(Cli.succeeds("verify", model, out).out())
        .contains("equivalent")
        .contains("switched");
  }

  /** What was corrected equals the masked original no more, though nothing was trained. */
  @Test
  void recoversWithoutTraining() throws IOException {
    Path page = directory.resolve("report.html");
    JsonNode json =
        pruned(
                model,
                "--data",
                "digits",
                "--method",
                "somp",
                "--neurons",
                12,
                "--epochs",
                0,
                "--report",
                page,
                "--json")
            .json();

    int corrected = 0;
    for (JsonNode layer : json.get("recoveredLayers")) {
      corrected += layer.get("leftAlone").isNull() ? 1 : 0;
      assertThat(layer.get("errorAfter").asDouble())
          .isLessThanOrEqualTo(layer.get("errorBefore").asDouble());
    }
    // Of four layers all but the attention of the first block, before which nothing was lost.
    assertThat(corrected).isEqualTo(3);
    assertThat(json.at("/evaluation/recovered/loss")).isEqualTo(json.at("/evaluation/after/loss"));
    assertThat(OnnxReader.read(out).metadata())
        .containsEntry("gohsp.recovered", "3")
        .doesNotContainKey("gohsp.trained");
    assertThat(Cli.succeeds("verify", model, out).out())
        .containsPattern("out.onnx: corrected in \\d layers?, so that it computes something else");
    assertThat(Files.readString(page)).startsWith("<!DOCTYPE html>").contains("digits");
  }

  private Object[] withoutNeuronsOfOneBlock() throws IOException {
    Path wishes = directory.resolve("wishes.json");
    Files.writeString(wishes, "{\"block 1\": {\"neurons\": 0}}");
    return new Object[] {"--data", "digits", "--epochs", 0, "--wishes", wishes};
  }

  /** Of this model and data correction costs a sample of 180: 178 right after the cut, then 177. */
  @Test
  void whatWasBetterRightAfterTheCutIsSaidLast() throws IOException {
    Path digits = Cli.model("digits.onnx");
    String worse =
        "it validates worse than right after the cut: loss 0\\.13\\d\\d before, 0\\.13\\d\\d after;"
            + " accuracy 98\\.89 % before, 98\\.33 % after"
            + " \\(--no-recover leaves out the correction\\)";
    Cli shown = pruned(digits, withoutNeuronsOfOneBlock());
    assertThat(shown.out()).containsPattern("out\\.onnx: corrected in [^\n]*; " + worse + "\n$");
    assertThat(pruned(digits, with(withoutNeuronsOfOneBlock(), "--json")).err())
        .containsPattern("gohsp: note: \\S*out\\.onnx: " + worse);
    assertThat(pruned(digits, with(withoutNeuronsOfOneBlock(), "--no-recover")).out())
        .doesNotContain("worse");

    Path again = Files.copy(digits, directory.resolve("again.onnx"));
    Path folder = directory.resolve("both");
    Cli both =
        Cli.run(
            with(new Object[] {"prune", digits, again, "-o", folder}, withoutNeuronsOfOneBlock()));
    assertThat(both.exitCode()).as(both.err()).isZero();
    for (String name : List.of("digits", "again")) {
      assertThat(both.out())
          .containsPattern("\n" + name + "\\.onnx: note: \\S*" + name + "\\.onnx: " + worse + "\n");
    }
  }

  @Test
  void whatTrainingMadeWorseIsSaidLast() throws IOException {
    Cli run =
        pruned(
            Cli.model("digits.onnx"),
            "--data",
            "digits",
            "--neurons",
            100,
            "--soft-epochs",
            0,
            "--epochs",
            1,
            "--lr",
            0.1,
            "--keep",
            "last");
    assertThat(run.out())
        .containsPattern(
            "out\\.onnx: corrected in [^\n]*; fine-tuning made it worse by validation: loss [^\n]*"
                + " % after \\(--keep best keeps the better\\)\n$")
        .doesNotContain("--no-recover");
  }

  @ParameterizedTest
  @ValueSource(strings = {"somp", "random"})
  void methodsWithoutDataAreFineTunedToo(String method) {
    JsonNode json =
        pruned(
                model,
                "--data",
                "digits",
                "--method",
                method,
                "--keep-macs",
                0.6,
                "--epochs",
                1,
                "--no-distill",
                "--json")
            .json();
    assertThat(json.get("method").textValue()).isEqualTo(method);
    assertThat(json.get("phases")).hasSize(1);
    assertThat(json.get("heads")).isEmpty();
  }

  /**
   * As many passes for all methods where nothing is said about it; how many each has is
   * PruningPipelineTest's.
   */
  @ParameterizedTest
  @CsvSource({"s2vite,6,2", "ssp,0,8"})
  void otherMethodsTrainAsLong(String method, int before, int after) {
    JsonNode json =
        pruned(
                model,
                "--data",
                "digits",
                "--batch",
                256,
                "--calibration",
                64,
                "--method",
                method,
                "--keep-params",
                0.6,
                "--json")
            .json();
    assertThat(json.get("method").textValue()).isEqualTo(method);
    assertThat(json.get("verification").get("passed").asBoolean()).isTrue();
    assertThat(json.get("phases")).hasSize(before == 0 ? 1 : 2);
    assertThat(json.get("phases").get(json.get("phases").size() - 1).get("epochs")).hasSize(after);
    if (before > 0) {
      assertThat(json.get("phases").get(0).get("epochs")).hasSize(before);
      assertThat(json.get("phases").get(0).get("remaining")).isEmpty();
    }
    assertThat(json.get("trainedSteps").asInt()).isEqualTo(8 * 6); // of 256 digits of 1,617 each
  }

  /** Pictures in one folder, without classes: the dense model is all there is to learn from. */
  @Test
  void unlabelledPicturesTeachByTheDenseModel() throws IOException {
    Path rgb = directory.resolve("rgb.onnx");
    create(rgb, 3);
    Path folder = Files.createDirectory(directory.resolve("pictures"));
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 64; at++) {
        image.setRGB(at % 8, at / 8, random.nextInt(1 << 24));
      }
      ImageIO.write(image, "png", folder.resolve("p" + i + ".png").toFile());
    }

    JsonNode json =
        pruned(
                rgb,
                "--data",
                folder,
                "--keep-params",
                0.7,
                "--batch",
                4,
                "--soft-epochs",
                3,
                "--epochs",
                6,
                "--lr",
                3e-3,
                "--json")
            .json();

    JsonNode evaluation = json.get("evaluation");
    assertThat(evaluation.at("/before/accuracy").asDouble()).isEqualTo(1);
    assertThat(evaluation.at("/before/loss").asDouble()).isZero();
    assertThat(evaluation.at("/after/loss").asDouble()).isPositive();
    JsonNode epochs = json.get("phases").get(1).get("epochs");
    assertThat(epochs.get(5).get("trainLoss").asDouble())
        .isLessThan(epochs.get(0).get("trainLoss").asDouble());

    Files.writeString(folder.resolve("p7.png"), "no picture");
    Cli shown = pruned(rgb, "--data", folder, "--keep-params", 0.7, "--epochs", 0);
    assertThat(shown.out()).contains("loss  top-1 agreement").doesNotContain("accuracy");
    assertThat(shown.err()).contains("a sample could not be read and was left out: p7.png: ");

    Cli refused = prune(rgb, "--data", folder, "--keep-params", 0.7, "--no-distill");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--no-distill: the data has no labels");
  }

  /** An encoder of text: no classes, several inputs, hidden states in the place of scores. */
  @Test
  void textEncodersTakeArrays() throws IOException {
    Path data = directory.resolve("text.npz");
    int rows = 24;
    int columns = 11;
    long[] ids = new long[rows * columns];
    long[] mask = new long[rows * columns];
    Random random = new Random(2);
    for (int i = 0; i < ids.length; i++) {
      ids[i] = 1L + random.nextInt(18);
      mask[i] = i % columns < 4 + i / columns % 8 ? 1 : 0;
    }
    Npz.write(data, rows, columns, Map.of("input_ids", ids, "attention_mask", mask));
    Path bert = Cli.fixture("hf_bert_eager_legacy");

    JsonNode json =
        pruned(
                bert,
                "--data",
                data,
                "--keep-params",
                0.8,
                "--batch",
                4,
                "--soft-epochs",
                2,
                "--epochs",
                2,
                "--json")
            .json();

    assertThat(json.at("/evaluation/before/accuracy").isNull()).isTrue();
    assertThat(json.at("/evaluation/after/loss").asDouble()).isPositive();
    assertThat(Cli.run("verify", bert, out, "--data", data).out())
        .containsPattern("outputs differ by \\S+ % of their norm on 2 samples");
  }

  /** Half precision, and attention as one operator; their batch is built in. */
  @ParameterizedTest
  @ValueSource(strings = {"hf_vit__fp16_keepio", "hf_vit__fused_vit"})
  void otherFormsOfAModelWork(String fixture) throws IOException {
    Path folder = Files.createDirectory(directory.resolve("few"));
    for (int i = 0; i < 12; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      image.setRGB(i % 8, i / 8, 0xffffff);
      ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
    }
    Cli few =
        prune(Cli.fixture(fixture), "--data", folder, "--keep-params", 0.7, "--calibration", 1);
    assertThat(few.err())
        .contains("1 calibration samples do not fill the batch of 2 that is built into the model")
        .contains("--calibration 2");
    assertThat(few.exitCode()).isEqualTo(6);

    JsonNode json =
        pruned(
                Cli.fixture(fixture),
                "--data",
                folder,
                "--keep-params",
                0.7,
                "--soft-epochs",
                4,
                "--epochs",
                1,
                "--json")
            .json();
    assertThat(json.get("verification").get("passed").asBoolean()).isTrue();
    JsonNode remaining = json.get("phases").get(0).get("remaining");
    assertThat(remaining.get(remaining.size() - 1).get("neurons").asDouble()).isLessThan(0.1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--epochs 3 --keep-params 0.6 | --epochs says how data is used; give --data",
        "--ranking mmr --keep-params 0.6 | --ranking says how data is used; give --data",
        "--engine ort --keep-params 0.6 | --engine says what executes training; give --data",
        "--work w --keep-params 0.6 | --work says how data is used",
        "--method gohsp --keep-params 0.6 | the method \"gohsp\" looks at data; give --data",
        "--data digits | nothing says how much to keep; give a budget",
        "--data digits --keep-params 0.6 --no-verify | the cut is always verified",
        "--data digits --keep-params 0.6 --epochs -1 | --epochs -1 makes no sense",
        "--data digits --keep-params 0.6 --soft-epochs -1 | --soft-epochs -1 makes no sense",
        "--data digits --keep-params 0.6 --calibration 0 | --calibration 0 compares nothing",
        "--data digits --keep-params 0.6 --ranking best | --ranking \"best\" is unknown",
        "--data digits --keep-params 0.6 --no-distill --distill 0.3 | exclude each other",
        "--data digits --keep-params 0.6 --method somp --soft-epochs 1 | cuts at once",
        "--data digits --keep-params 0.6 --method random --remove highest | has scores of its own",
        "--data digits --keep-params 0.6 --method taylor --ranking mmr | has scores of its own",
        "--data digits --keep-params 0.6 --method ssp --soft-epochs 2 | the method ssp cuts at once",
        "--keep-params 0.6 --method s2vite | the method \"s2vite\" looks at data; give --data",
        "--data digits --keep-params 0.6 --method magic | there is no method \"magic\"",
        "--data digits --keep-params 0.6 --method sgmp --batch 5000 | fill no batch of 5000",
        "--data digits --keep-params 0.6 --accumulate 5000 --epochs 1 --soft-epochs 0 | is more than the 25 batches",
        "--data digits --exclude x | exclusions need a budget or shares",
        "--method zeros --min-heads 2 | floors need a budget or shares to apply to",
        "--method zeros --min-channels 9 | what is zero goes wherever it is",
      })
  void contradictionsAreRefused(String options, String message) {
    Cli run = prune(model, (Object[]) options.strip().split(" "));
    assertThat(run.err()).contains(message.strip());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(out).doesNotExist();
  }

  @Test
  void inputsAreNeverReplaced() throws IOException {
    Path original = directory.resolve("original.onnx");
    Files.copy(model, original);
    byte[] bytes = Files.readAllBytes(original);
    Cli student =
        Cli.run("train", model, "--data", "digits", "--teacher", original, "-o", original);
    assertThat(student.exitCode()).isEqualTo(2);
    assertThat(student.err()).contains("original.onnx is another file of this command");
    Path data = directory.resolve("data.npz");
    Files.write(data, new byte[] {1});
    for (String option : List.of("-o", "--plan-out", "--report")) {
      List<Object> arguments =
          new ArrayList<>(List.of("prune", model, "--data", data, "--keep-params", 0.6));
      if (!option.equals("-o")) {
        arguments.addAll(List.of("-o", out));
      }
      arguments.addAll(List.of(option, data));
      Cli run = Cli.run(arguments.toArray());
      assertThat(run.exitCode()).as(option).isEqualTo(2);
      assertThat(run.err()).contains("data.npz is another file of this command; name another");
    }
    assertThat(Cli.run("rank", model, "--data", data, "--save", data).err())
        .contains("data.npz is another file of this command; name another");
    assertThat(Files.readAllBytes(original)).isEqualTo(bytes);
    assertThat(Files.size(data)).isOne();
  }

  /** Before anything that takes long. */
  @Test
  void workMustBeADirectory() throws IOException {
    Path file = directory.resolve("file");
    Files.createFile(file);
    Cli run = prune(model, "--data", "digits", "--keep-params", 0.6, "--work", file);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("cannot be used as a directory to write to")
        .doesNotContain("measuring what");
  }

  /** No graph of heads then, but columns and neurons may go. */
  @Test
  void oneHeadIsPrunedToo() {
    Path single = directory.resolve("single.onnx");
    List<Object> create =
        new ArrayList<>(
            List.of(
                ("create vit-small --image 8 --channels 1 --patch 4 --dim 16 --depth 1 --heads 1"
                        + " --mlp 32 --classes 10 -o")
                    .split(" ")));
    create.add(single);
    Cli.succeeds(create.toArray());
    JsonNode params = pruned(single, with(SHORT, "--json")).json().get("params");
    assertThat(params.get("after").asLong())
        .isLessThanOrEqualTo(params.get("before").asLong() * 6 / 10);
  }

  @Test
  void oneWorkDirectoryIsForOneCommand() throws IOException {
    Object[] same = with(SHORT, "--work", directory.resolve("work"));
    Cli first = pruned(model, same);
    String sha = Sha256.of(out);
    Cli again = pruned(model, same);
    assertThat(again.out()).isEqualTo(first.out());
    assertThat(Sha256.of(out)).isEqualTo(sha);
    assertThat(again.err()).contains("continues after step 25");
    Cli stated =
        pruned(
            model,
            with(
                same,
                "--align",
                1,
                "--mean",
                0.5,
                "--std",
                0.5,
                "--min-heads",
                1,
                "--method",
                "gohsp",
                "--allocation",
                "knapsack",
                "--batch",
                64,
                "--seed",
                0));
    assertThat(stated.err()).as("what is so anyway").contains("continues after step 25");

    Cli other =
        prune(
            model,
            "--data",
            "digits",
            "--keep-params",
            0.5,
            "--soft-epochs",
            1,
            "--epochs",
            1,
            "--calibration",
            64,
            "--work",
            directory.resolve("work"));
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err())
        .contains(
            "decision.json is of another run; give another --work directory, or the same options and files;")
        .endsWith(
            "what differs:\n  --keep-params, --keep-macs: 50% parameters now, 60% parameters then\n");
  }

  /** What is measured is the plan's model, whatever is trained afterwards. */
  @Test
  void latencyIsReached() {
    JsonNode json =
        pruned(
                model,
                "--data",
                "digits",
                "--latency",
                "1s",
                "--soft-epochs",
                0,
                "--epochs",
                0,
                "--json")
            .json();
    assertThat(json.at("/latency/target").textValue()).isEqualTo("1000 ms");
  }
}
