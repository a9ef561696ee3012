package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code prune} of several models at once. */
class ManyModelsTest {
  @TempDir Path directory;
  private Path models;
  private Path out;

  @BeforeEach
  void twoThatCanBePrunedAndOneThatCannotBeRead() throws IOException {
    models = Files.createDirectories(directory.resolve("models"));
    out = directory.resolve("out");
    Files.createDirectory(models.resolve("deep"));
    Files.copy(Cli.VIT, models.resolve("deep/vit.onnx"));
    Files.copy(Cli.model("sequence.onnx"), models.resolve("sequence.onnx"));
    Files.write(models.resolve("broken.onnx"), Arrays.copyOf(Files.readAllBytes(Cli.VIT), 1000));
    Files.writeString(models.resolve("notes.txt"), "no model");
  }

  @Test
  void oneThatFailsIsALineOfTheSummary() {
    Cli run =
        Cli.run(
            "prune", models, "-o", out, "--method", "somp", "--keep-params", "0.7", "--jobs", "2");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.UNEXPECTED);
    assertThat(run.out().replace(directory + "/", ""))
        .isEqualTo(
            """
                           params    kept     MACs    kept  exit code
            broken.onnx         -       -        -       -          4
            deep/vit.onnx  7.71 k  69.7 %  254.8 k  65.9 %          0
            sequence.onnx  3.45 k  69.4 %  110.8 k  69.9 %          0

            broken.onnx: models/broken.onnx: byte 19: field 7 begins here and the file ends before \
            it does, after 1000 bytes (the file is damaged; export or download it again)
            out: 2 of 3 models pruned
            """);
    assertThat(run.err().lines()).hasSize(3).allMatch(line -> line.matches("gohsp: . of 3: .*"));
    assertThat(out.resolve("broken.onnx")).doesNotExist();
  }

  @Test
  void everyModelIsAsWithoutOthersHoweverManyAtOnce() throws IOException {
    Object[] command = {"prune", models, "-o", out, "--keep-params", "0.7", "--json"};
    Path vit = out.resolve("deep/vit.onnx");
    Cli two = Cli.run(command);
    byte[] among = Files.readAllBytes(vit);
    Cli one =
        Cli.run(command[0], command[1], "-o", out, "--jobs", "1", "--keep-params=0.7", "--json");

    assertThat(one.out()).isEqualTo(two.out());
    assertThat(vit).hasBinaryContent(among);
    Cli alone =
        Cli.succeeds(
            "prune",
            models.resolve("deep/vit.onnx"),
            "--output=" + vit,
            "--keep-params=0.7",
            "--threads=1",
            "--json");
    assertThat(vit).hasBinaryContent(among);
    JsonNode json = two.json();
    assertThat(json.get("failed").intValue()).isEqualTo(1);
    assertThat(json.at("/models/0/exitCode").intValue()).isEqualTo(ExitCodes.UNSUPPORTED);
    assertThat(json.at("/models/0/reason").textValue()).contains("byte 19");
    assertThat(json.at("/models/0/result").isNull()).isTrue();
    assertThat(json.at("/models/1/output").textValue()).isEqualTo(vit.toString());
    assertThat(json.at("/models/1/result")).isEqualTo(alone.json());
  }

  @Test
  void thePageShowsWhatWasPrinted() throws IOException {
    Path page = directory.resolve("page.html");
    Path vit = models.resolve("deep/vit.onnx");
    Cli run =
        Cli.run(
            "prune",
            vit,
            models.resolve("broken.onnx"),
            "-o",
            out,
            "--keep-params",
            "99M",
            "--report",
            page,
            "--json");

    String html = Files.readString(page);
    assertThat(html)
        .contains("<h1>2 models, 1 failed</h1>")
        .contains("exit code 4: ")
        .contains("vit.onnx: a budget of 99000000 parameters is more than the model's 11.1 k");
    String numbers = html.replaceAll("(?s).*id=\"numbers\">(.*)</script>.*", "$1");
    assertThat(new ObjectMapper().readTree(numbers)).isEqualTo(run.json());
  }

  /** How pictures are prepared, for each model, as they may not agree. */
  @Test
  void whatIsReadAndHowItIsPreparedIsSaid() throws IOException {
    Path page = directory.resolve("page.html");
    Path two = Files.createDirectory(directory.resolve("two"));
    Files.copy(Cli.VIT, two.resolve("a.onnx"));
    Files.copy(Cli.model("digits.onnx"), two.resolve("b.onnx"));
    Cli run =
        Cli.run(
            "prune",
            two,
            "-o",
            out,
            "--data",
            "digits",
            "--calibration",
            8,
            "--epochs",
            0,
            "--no-recover",
            "--keep-params",
            "0.7",
            "--report",
            page);
    String data =
        "\\.onnx: built-in digits digits: 1,797 samples, .*: \\d+×\\d+ RGB, resize .*mean .*";
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("\na" + data + "\n")
        .containsPattern("\nb" + data.replace("RGB", "grey") + "\n");
    assertThat(Files.readString(page))
        .containsPattern("<li>a" + data + "</li>")
        .containsPattern("<li>b" + data.replace("RGB", "grey") + "</li>");
  }

  private void isRefused(String message, Object... more) {
    Object[] command = {"prune", "--keep-params", "0.7"};
    Object[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    Cli run = Cli.run(all);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err().replace(directory + "/", "")).isEqualTo("gohsp: " + message + "\n");
  }

  @Test
  void whatWouldMixInputsAndOutputsIsRefused() throws IOException {
    Path vit = models.resolve("deep/vit.onnx");
    Path other = Files.copy(vit, directory.resolve("vit.onnx"));
    Path empty = Files.createDirectory(directory.resolve("empty"));
    isRefused(
        "--output models/out is in models, which is read; name another",
        models,
        "-o",
        models.resolve("out"));
    isRefused(
        "--output: models/deep/vit.onnx is one of the models, which are read; name another folder",
        vit,
        models.resolve("sequence.onnx"),
        "-o",
        models.resolve("deep"));
    isRefused(
        "models/deep/vit.onnx and vit.onnx would both become vit.onnx below the output; prune them"
            + " apart, or name a folder that holds both",
        vit,
        other,
        "-o",
        out);
    isRefused(
        "--output vit.onnx is a file, and there are several models; name a folder, which need not"
            + " exist",
        models,
        "-o",
        other);
    isRefused(
        "empty is a folder without any file that ends in .onnx; name another",
        vit,
        empty,
        "-o",
        out);
    isRefused(
        "--plan-out names one file, and there are several models; leave it out: each result's"
            + " metadata has its plan",
        models,
        "-o",
        out,
        "--plan-out",
        directory.resolve("plan.json"));
    isRefused(
        "--jobs: there is one model; leave it out, or name several or a folder",
        vit,
        "-o",
        directory.resolve("out.onnx"),
        "--jobs",
        "2");
    assertThat(out).doesNotExist();
  }
}
