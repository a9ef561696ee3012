package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankCommandTest {
  @TempDir private Path folder;

  @Test
  void printsEveryBlock() {
    Cli run = Cli.run("rank", Cli.VIT, "--data", "digits", "--samples", 8);
    assertThat(run.exitCode()).isEqualTo(ExitCodes.DONE); // slow machines are told what takes long
    assertThat(run.out())
        .startsWith("model.onnx: heads compared by what the heads attend to on 8 samples\n")
        .containsPattern("block 0: [0-3] [0-3] [0-3] [0-3], the last goes first")
        .containsPattern("block 1: [0-3] [0-3] [0-3] [0-3], the last goes first")
        .containsPattern("\nbuilt-in digits digits: .*resize .* mean .*\n")
        .contains("head", "pi", "S 0", "P 3", "1.0000");
  }

  @Test
  void jsonHoldsMatricesDistributionAndOrder() {
    JsonNode json = Cli.run("rank", Cli.VIT, "--data", "digits", "--samples", 8, "--json").json();
    assertThat(json.get("samples").asInt()).isEqualTo(8);
    assertThat(json.get("data").asText())
        .contains("built-in digits digits: ", ", resize shorter edge to ");
    assertThat(json.get("similarity").asText()).isEqualTo("attention");
    assertThat(json.get("blocks")).hasSize(2);
    JsonNode block = json.get("blocks").get(0);
    double sum = 0;
    double last = 1;
    for (JsonNode head : block.get("order")) {
      double pi = block.get("stationary").get(head.asInt()).asDouble();
      assertThat(pi).as("in falling order").isLessThanOrEqualTo(last);
      last = pi;
      sum += pi;
    }
    assertThat(sum).isCloseTo(1, within(1e-12));
    for (int i = 0; i < 4; i++) {
      double row = 0;
      for (int j = 0; j < 4; j++) {
        assertThat(block.get("similarity").get(i).get(j))
            .isEqualTo(block.get("similarity").get(j).get(i));
        row += block.get("transition").get(i).get(j).asDouble();
      }
      assertThat(row).isCloseTo(1, within(1e-12));
    }
  }

  /** Lowering brings the model to an operator set in which the modes have other names. */
  @Test
  void ranksBehindAGridSample() {
    JsonNode json =
        Cli.succeeds(
                "rank",
                Cli.model("gridsample.onnx"),
                "--data",
                Cli.model("gridsample.npz"),
                "--quiet",
                "--json")
            .json();
    assertThat(json.get("blocks")).hasSize(1);
    assertThat(json.at("/blocks/0/name").asText()).isEqualTo("block 0");
    assertThat(json.at("/blocks/0/order")).hasSize(4);
  }

  @Test
  void savesNumbersAndPicture() throws Exception {
    Path numbers = folder.resolve("rank.json");
    Path picture = folder.resolve("heads.svg");
    Cli run =
        Cli.run(
            "rank",
            Cli.VIT,
            "--data",
            "digits",
            "--samples",
            6,
            "--json",
            "--save",
            numbers,
            "--picture",
            picture);
    assertThat(new ObjectMapper().readTree(numbers.toFile())).isEqualTo(run.json());
    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
    assertThat(Files.readString(picture)).contains("block 1", "head 3: stationary probability");
  }

  /** The same seed, the same samples; another seed, others. */
  @Test
  void dependsOnTheSeedAlone() {
    String first = ranked(0);
    assertThat(ranked(0)).isEqualTo(first);
    assertThat(ranked(1)).isNotEqualTo(first);
  }

  private static String ranked(int seed) {
    return Cli.run(
            "rank",
            Cli.VIT,
            "--data",
            "digits",
            "--samples",
            4,
            "--json",
            "--seed",
            seed,
            "--threads",
            1)
        .out();
  }

  @ParameterizedTest
  @CsvSource({"lowest", "highest"})
  void bothEndsCanGoFirst(String end) {
    JsonNode block =
        Cli.run("rank", Cli.VIT, "--data", "digits", "--samples", 4, "--json", "--remove", end)
            .json()
            .get("blocks")
            .get(0);
    double first = block.get("stationary").get(block.get("order").get(0).asInt()).asDouble();
    double last = block.get("stationary").get(block.get("order").get(3).asInt()).asDouble();
    assertThat(end.equals("lowest") ? first - last : last - first).isPositive();
  }

  /** A text model: arrays by the names of its inputs, padding masked. */
  @Test
  void ranksTextModelsFromArrays() throws IOException {
    Path data = folder.resolve("text.npz");
    long[] ids = new long[6 * 11];
    long[] mask = new long[6 * 11];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = 1L + i % 19;
      mask[i] = i % 11 < 4 + i / 11 ? 1 : 0;
    }
    Npz.write(data, 6, 11, java.util.Map.of("input_ids", ids, "attention_mask", mask));
    JsonNode json =
        Cli.run("rank", Cli.fixture("hf_bert_eager_legacy"), "--data", data, "--json").json();
    assertThat(json.get("samples").asInt()).isEqualTo(4); // one held out, one left to train on
    assertThat(json.get("blocks")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | --data digits --samples 0 | --samples 0 compares nothing",
        "2 | --data digits --similarity looks | --similarity \"looks\" is unknown",
        "2 | --data digits --ranking best | --ranking \"best\" is unknown",
        "2 | --data digits --ranking taylor | --ranking taylor needs gradients",
        "2 | --data digits --remove middle | --remove \"middle\" is unknown",
        "2 | --data digits --damping 0 | --damping 0.0 is no share",
        "2 | --data digits --mean 1,2 | 2 values of mean for 3 channels",
        "2 | --data digits --image-size big | --image-size big is no size",
        "2 | --data digits --picture heads.png | only SVG is drawn",
        "2 | --data digits --size n=3 | --size has no effect",
        "2 | --samples 3 | --data is missing",
        "6 | --data nowhere | nowhere: does not exist",
        "6 | --data digits --samples 100000 | samples cannot give",
      })
  void saysWhatIsWrong(int code, String options, String message) {
    Object[] arguments = ("rank " + Cli.VIT + " " + options.strip()).split(" ");
    Cli run = Cli.run(arguments);
    assertThat(run.err()).contains(message.strip());
    assertThat(run.exitCode()).isEqualTo(code);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void headsWithoutMapsAreUnsupported() {
    Cli run = Cli.run("rank", Cli.fixture("timm_cait"), "--data", "digits", "--samples", 2);
    assertThat(run.exitCode()).isEqualTo(ExitCodes.UNSUPPORTED);
    assertThat(run.err()).contains("block 0", "use --similarity output");
  }
}
