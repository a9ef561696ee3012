package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a command was given, or what belongs to something that it was given, stays as it is. */
class NeverOverwrittenTest {
  @TempDir Path directory;

  @BeforeEach
  void fill() throws IOException {
    Files.copy(Cli.VIT, directory.resolve("model.onnx"));
    Files.createDirectories(directory.resolve("data/train/a"));
    Files.writeString(directory.resolve("data/train/a/0.png"), "a picture");
    Files.createDirectories(directory.resolve("run"));
    Files.writeString(directory.resolve("run/plan.json"), "{}");
    Files.writeString(directory.resolve("wishes.json"), "{\"block 0\": \"keep\"}");
    Files.writeString(
        directory.resolve("run.yaml"),
        "- prune\n- %1$s/model.onnx\n- -o\n- %1$s/run.yaml\n- --heads=3\n".formatted(directory));
    Files.createSymbolicLink(directory.resolve("link"), directory.resolve("data"));
  }

  /** {@code DIR} in arguments stands for the directory. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --output | prune DIR/model.onnx -o DIR/data/train/a/0.png --data DIR/data --keep-params 0.5
          --output | prune DIR/model.onnx -o DIR/data/new.onnx --data DIR/data --keep-params 0.5
          --output | prune DIR/model.onnx -o DIR/link/new.onnx --data DIR/data --keep-params 0.5
          --output | prune DIR/model.onnx -o DIR/run/plan.json --data DIR/data --work DIR/run --keep-params 0.5
          --plan-out | prune DIR/model.onnx -o DIR/o.onnx --plan-out DIR/data/p.json --data DIR/data --keep-params 0.5
          --plan-out | prune DIR/model.onnx -o DIR/o.onnx --plan-out DIR/run/p.json --data DIR/data --work DIR/run --keep-params 0.5
          --report | prune DIR/model.onnx -o DIR/o.onnx --report DIR/data/r.html --data DIR/data --keep-params 0.5
          --work | prune DIR/model.onnx -o DIR/o.onnx --data DIR/data --work DIR/data/train --keep-params 0.5
          --work | train DIR/model.onnx -o DIR/o.onnx --data DIR/data --work DIR/data
          --output | train DIR/model.onnx -o DIR/run/checkpoint.zip --data DIR/data --work DIR/run
          --output | train DIR/model.onnx -o DIR/data/o.onnx --data DIR/data
          --work | compare DIR/model.onnx --data DIR/data --methods somp --keep-params 0.5 --work DIR/data
          --work | prune DIR/model.onnx -o DIR/o.onnx --data DIR/data --work DIR/run --keep-params 0.5 --wishes DIR/run/plan.json
          --work | prune DIR/run/soft/model.onnx -o DIR/o.onnx --data DIR/data --work DIR/run --keep-params 0.5
          --work | apply DIR/model.onnx DIR/run/plan.json -o DIR/o.onnx --data DIR/data --work=DIR/run/../run
          --work | train DIR/model.onnx -o DIR/o.onnx --data DIR/run/log.jsonl --work DIR/run
          --work | compare DIR/run/cells/dense/model.onnx --data DIR/data --methods somp --keep-params 0.5 --work DIR/run
          --output | --recipe DIR/run.yaml -oDIR/run.yaml
          --output | --recipe DIR/run.yaml -qoDIR/run.yaml
          --output | --recipe=DIR/run.yaml --output=DIR/run.yaml
          --plan-out | --recipe=DIR/run.yaml -oDIR/o.onnx --plan-out DIR/run.yaml
          --save | rank DIR/model.onnx --data DIR/data --save DIR/data/train/a/0.png
          --picture | rank DIR/model.onnx --data DIR/data --picture DIR/data/heads.svg
          --recipe-out | prune DIR/model.onnx -o DIR/o.onnx --heads 2 --recipe-out DIR/model.onnx
          --recipe-out | prune DIR/model.onnx -o DIR/o.onnx --heads 2 --recipe-out DIR/o.onnx
          --recipe-out | apply DIR/model.onnx DIR/run/plan.json -o DIR/o.onnx --recipe-out DIR/run/plan.json
          --recipe-out | inspect DIR/model.onnx --recipe-out=DIR/data
          --recipe-out | train DIR/model.onnx -o DIR/o.onnx --data DIR/data --recipe-out DIR/data/train/a/0.png
          --recipe-out | train DIR/model.onnx -o DIR/o.onnx --data DIR/data --recipe-out DIR/link/new.yaml
          --recipe-out | --recipe DIR/run.yaml -o DIR/o.onnx --recipe-out DIR/run.yaml
          --output | --recipe DIR/run.yaml
          --output | --recipe DIR/run.yaml -o=DIR/run.yaml
          --plan-out | --recipe DIR/run.yaml -o DIR/o.onnx --plan-out=DIR/run.yaml
          --output | --recipe DIR/run.yaml -o DIR/data/../run.yaml
          --output | prune DIR/model.onnx -o DIR/wishes.json --heads 3 --wishes DIR/wishes.json
          --plan-out | prune DIR/model.onnx -o DIR/o.onnx --plan-out DIR/wishes.json --heads 3 --wishes DIR/wishes.json
          --report | prune DIR/model.onnx -o DIR/o.onnx --report DIR/wishes.json --heads 3 --wishes DIR/wishes.json
          --work | prune DIR/model.onnx -o DIR/o.onnx --work DIR/wishes.json --data DIR/data --keep-params 0.5 --wishes DIR/wishes.json
          --save | tradeoff DIR/model.onnx --data DIR/data --save DIR/wishes.json --wishes DIR/wishes.json
          --picture | tradeoff DIR/model.onnx --data DIR/data --picture DIR/wishes.json --wishes DIR/wishes.json
          --report | tradeoff DIR/model.onnx --data DIR/data --report DIR/wishes.json --wishes DIR/wishes.json
          """)
  void isRefused(String option, String command) {
    List<String> before = Cli.listing(directory);

    Cli run = Cli.run((Object[]) command.replace("DIR", directory.toString()).split(" "));

    assertThat(run.err()).contains("gohsp: " + option + " " + directory);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(Cli.listing(directory)).isEqualTo(before);
  }

  /** A model says how it was made, and may be made anew, but by nothing else. */
  @Test
  void aModelIsReplacedByItselfAlone() throws IOException {
    Path model = directory.resolve("o.onnx");
    Cli.succeeds("prune", directory.resolve("model.onnx"), "-o", model, "--heads", "3");
    byte[] contents = Files.readAllBytes(model);

    Cli other = Cli.run("--recipe", model, "--heads", "2");

    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("--output " + model + " is another file of this command");
    Cli.succeeds("--recipe", model);
    assertThat(Files.readAllBytes(model)).isEqualTo(contents);
    Cli.succeeds("--recipe", model, "-q"); // says less, and makes the same
  }

  /**
   * Whoever keeps something new under {@code --work}, or nothing more, fails here until it is said.
   */
  @Test
  void whatRunsKeepIsKnown() throws IOException {
    DataPruningTest.create(directory.resolve("small.onnx"), 1);
    Set<String> kept = new HashSet<>();
    for (String command :
        List.of(
            "prune MODEL -o OUT --data digits --keep-params 0.7 --soft-epochs 1 --epochs 1",
            "train MODEL -o OUT --data digits --epochs 1",
            "compare MODEL --data digits --methods somp --keep-params 0.7 --steps 2")) {
      Path work = directory.resolve("work of " + command.replaceAll(" .*", ""));
      Cli run =
          Cli.run(
              Stream.concat(
                      Stream.of(
                          command
                              .replace("MODEL", directory + "/small.onnx")
                              .replace("OUT", directory + "/out.onnx")
                              .split(" ")),
                      Stream.of("--work", work))
                  .toArray());
      assertThat(run.exitCode()).as(run.err()).isZero();
      try (Stream<Path> all = Files.list(work)) {
        all.forEach(path -> kept.add(String.valueOf(path.getFileName())));
      }
    }
    assertThat(kept).isEqualTo(FileOptions.KEPT);
  }

  /** A plan that is called what a side file of the model was once called. */
  @Test
  void sideFileReplacesNothing() throws IOException {
    Path original = Cli.fixture("timm_vit__external");
    Path plan = directory.resolve("out.onnx.data");
    Cli.succeeds(
        "prune", original, "-o", directory.resolve("a.onnx"), "--heads", "3", "--plan-out", plan);
    byte[] contents = Files.readAllBytes(plan);

    Cli.succeeds("apply", original, plan, "-o", directory.resolve("out.onnx"));

    assertThat(Files.readAllBytes(plan)).isEqualTo(contents);
  }
}
