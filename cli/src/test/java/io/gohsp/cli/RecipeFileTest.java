package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.io.OnnxReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run in a file, by which it is repeated. */
class RecipeFileTest {
  @TempDir Path directory;

  private Path recipe() {
    return directory.resolve("run.yaml");
  }

  private Path out() {
    return directory.resolve("it's out.onnx");
  }

  @Test
  void aRunIsRepeatedToTheByte() throws Exception {
    Cli.succeeds(
        "prune",
        Cli.VIT,
        "-o",
        out(),
        "--neurons",
        "50%",
        "--method=somp",
        "--exclude",
        "block 1",
        "--recipe-out",
        recipe());
    byte[] first = Files.readAllBytes(out());
    assertThat(Files.readString(recipe()))
        .matches("(?s)# gohsp \\S+: gohsp --recipe run.yaml runs this again.\n- prune\n.*")
        .contains(
            "\n- -o\n", "\n- --neurons\n- \"50%\"\n", "\n- \"block 1\"\n", "it's out.onnx\"\n");

    Files.delete(out());
    Cli.succeeds("--recipe", recipe());
    assertThat(out()).hasBinaryContent(first);
    Cli.succeeds("--recipe", out());
    assertThat(out()).hasBinaryContent(first);

    Path other = directory.resolve("other.onnx");
    Cli again = Cli.succeeds("--recipe", recipe(), "--output", other, "--neurons=25%");
    assertThat(again.out()).contains(" 11 of 42", other + ": equivalent");
    assertThat(out()).hasBinaryContent(first);
    for (String form : List.of("-o", "-o=", "-qo", "--output=")) {
      Files.delete(other);
      Cli.succeeds("--recipe=" + recipe(), form + other);
      assertThat(Files.exists(other)).as(form).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "prune | line 1 is no \"- ARGUMENT\"",
        "- prune\\n- \"a | line 2 has no text in double quotes",
        "- prune\\n- a.onnx\\n- -o\\n- b.onnx\\n- --zzz | there is no option --zzz",
        "- prun | there is no command \"prun\""
      })
  void whatIsNoRecipeIsRefused(String text, String message) throws Exception {
    Files.writeString(recipe(), text.replace("\\n", "\n"));
    Cli run = Cli.run("--recipe", recipe());
    assertThat(run.exitCode()).as(run.toString()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains(message);
  }

  @Test
  void missingRecipesAreRefused() {
    for (Object[] arguments :
        new Object[][] {
          {"--recipe"}, {"--recipe", directory.resolve("none")}, {"--recipe", Cli.VIT}
        }) {
      Cli run = Cli.run(arguments);
      assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
      assertThat(run.err()).startsWith("gohsp: --recipe ");
    }
  }

  @Test
  void bytesAreNoRecipe() throws Exception {
    Files.write(recipe(), new byte[] {(byte) 0xff, 0});
    Cli run = Cli.run("--recipe", recipe());
    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.err()).contains("is no text; give a file that --recipe-out wrote, or a model");
  }

  /** All files in one line, side files too. */
  @Test
  void everyFileIsNamed() {
    StringWriter err = new StringWriter();
    Path page = directory.resolve("page.html");
    int code =
        Main.execute(
            Main.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err)),
            "prune",
            Cli.fixture("timm_vit__external").toString(),
            "-o",
            out().toString(),
            "--heads=3",
            "--method=somp",
            "--report=" + page);
    assertThat(code).as(err.toString()).isZero();
    assertThat(err.toString())
        .containsPattern(
            "gohsp: wrote \\S+it's out.onnx, \\S+it's out.onnx\\.[0-9a-f]{16}\\.data, \\S+page.html\n");
  }

  /** Weights that lay beside a model are written into it, and it still equals its original. */
  @Test
  void oneFileHoldsAll() throws Exception {
    Path external = Cli.fixture("timm_vit__external");
    for (String heads : List.of("--heads=3", "--heads=4")) { // of 4: a copy
      Cli.succeeds("prune", external, "-o", out(), heads, "--method=somp", "--single-file");
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files).containsExactly(out());
      }
      assertThat(OnnxReader.files(OnnxReader.read(out()))).hasSize(1);
    }
    Cli.succeeds("prune", external, "-o", out(), "--heads=3", "--method=somp", "--single-file");
    Cli.succeeds("verify", external, out());
  }

  /** Says what it would do and writes nothing, least of all a directory. */
  @Test
  void dryRunsWriteNothing() throws Exception {
    Path model = Cli.model("digits.onnx");
    Path work = directory.resolve("work");
    Cli data =
        Cli.run(
            "prune",
            model,
            "-o",
            out(),
            "--data",
            "digits",
            "--keep-params",
            0.5,
            "--epochs",
            2,
            "--work",
            work,
            "--dry-run");
    assertThat(data.exitCode()).as(data.err()).isZero();
    assertThat(data.out())
        .contains(
            "built-in digits", "method gohsp; 512 samples to calibrate on, 180 to validate on")
        .containsPattern(
            "50 updates, \\d+ ms each; all of it takes about .*\n.*out.onnx would be written");
    Cli searching =
        Cli.run("prune", model, "-o", out(), "--data", "digits", "--max-drop", 1, "--dry-run");
    assertThat(searching.out())
        .containsPattern("all of it takes about [0-9a-z ]+\n.*out.onnx would be written");
    Cli plain =
        Cli.run("prune", Cli.VIT, "-o", out(), "--heads", 3, "--method", "somp", "--dry-run");
    assertThat(plain.out()).contains("3 of 4", "nothing was written");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void helpIsGroupedAndCompletionGenerated() {
    String help = Cli.run("prune", "--help").out();
    assertThat(help.lines().filter(line -> line.matches("[A-Z].*:")))
        .containsSubsequence(
            "Options:",
            "What to keep:",
            "Data:",
            "How heads are compared:",
            "Correction and training:",
            "Files that are written:",
            "Where and how it runs:",
            "What is printed:");
    assertThat(Cli.run("generate-completion").out()).contains("complete -F", "--keep-params");
  }
}
