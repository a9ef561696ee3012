package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.data.RecordedPreprocessing;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How pictures are prepared is said, written into models, and used again. */
class PreparationTest {
  private static final String LINE =
      "digits: 1,797 samples, 10 classes, 8×8 grey; %s: 8×8 grey, resize shorter edge to 8"
          + " (bicubic), centre, scale %s, mean [%s], std [%s] (%s)";

  @TempDir Path directory;

  private Path dense;
  private Path trained;

  @BeforeEach
  void create() {
    dense = directory.resolve("dense.onnx");
    trained = directory.resolve("trained.onnx");
    DataPruningTest.create(dense, 1);
  }

  private static String line(String scale, String mean, String std, String origin) {
    return LINE.formatted("image", scale, mean, std, origin);
  }

  private Cli run(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--data", "digits"));
    Cli run = Cli.run(all.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  @Test
  void isUsedAgain() {
    Cli first = run("train", dense, "-o", trained, "--epochs", 1, "--mean", 0.25, "--std", 0.75);
    assertThat(first.err()).contains(line("1/255", "0.25", "0.75", "as stated"));
    assertThat(OnnxReader.read(trained).metadata().get(RecordedPreprocessing.KEY))
        .contains("\"mean\":[0.25]", "\"std\":[0.75]", "\"shorterEdge\":8");

    String known = line("1/255", "0.25", "0.75", "from the model's metadata");
    Path pruned = directory.resolve("pruned.onnx");
    Cli second = run("prune", trained, "-o", pruned, "--heads", 2, "--epochs", 0);
    assertThat(second.err()).contains(known);
    assertThat(run("verify", trained, pruned).err()).contains(known);
    assertThat(run("rank", trained).err()).contains(known);
    Path plan = directory.resolve("plan.json");
    Path applied = directory.resolve("applied.onnx");
    Cli.succeeds(
        "prune", dense, "-o", applied, "--heads", 2, "--method", "somp", "--plan-out", plan, "-q");
    assertThat(run("apply", dense, plan, "-o", applied, "--mean", 0.25, "--std", 0.75).err())
        .contains(line("1/255", "0.25", "0.75", "as stated"));
    assertThat(run("verify", dense, applied).err()).contains(known);
    Cli sensitivity = run("sensitivity", trained);
    assertThat(sensitivity.err()).contains(known);
    assertThat(sensitivity.out()).contains(known);
    Path again = directory.resolve("again.onnx");
    assertThat(run("train", pruned, "-o", again, "--epochs", 1, "--mean", 0.5).err())
        .contains(line("1/255", "0.5", "0.75", "as stated"));
    assertThat(OnnxReader.read(again).metadata().get(RecordedPreprocessing.KEY))
        .contains("\"mean\":[0.5]", "\"std\":[0.75]");
  }

  /** What was pruned without data still says how it was prepared when it was trained. */
  @Test
  void outlivesACutWithoutData() {
    run("train", dense, "-o", trained, "--epochs", 1);
    Path pruned = directory.resolve("pruned.onnx");
    Cli.succeeds("prune", trained, "-o", pruned, "--heads", 2, "--method", "somp");
    assertThat(OnnxReader.read(pruned).metadata().get(RecordedPreprocessing.KEY))
        .isNotNull()
        .isEqualTo(OnnxReader.read(trained).metadata().get(RecordedPreprocessing.KEY));
  }

  /** As many training scripts have them. */
  @Test
  void takesNumbersOfPixelsFrom0To255() {
    assertThat(run("rank", dense, "--mean", 127.5, "--std", 63.75).err())
        .contains(line("1.0", "127.5", "63.75", "as stated"));
    Cli alone = Cli.run("rank", dense, "--data", "digits", "--mean", 127.5);
    assertThat(alone.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(alone.err()).contains("gohsp: --mean 127.5 cannot be: a mean of 127.5 is one of");
    Cli half = Cli.run("rank", dense, "--data", "digits", "--mean", 127.5, "--std", 0.5);
    assertThat(half.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(half.err()).contains("a mean of 127.5 is one of pixels from 0 to 255");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{\"size\":[8,8]}", "{\"size\":[16,16],\"interpolation\":\"bicubic\"}"})
  void damagedMetadataAreRefused(String text) throws IOException {
    Model model = OnnxReader.read(dense);
    model.metadata().put(RecordedPreprocessing.KEY, text);
    Path damaged = directory.resolve("damaged.onnx");
    OnnxWriter.write(model, damaged);
    Cli run = Cli.run("rank", damaged, "--data", "digits");
    assertThat(run.exitCode()).isEqualTo(ExitCodes.DATA);
    assertThat(run.err())
        .contains("gohsp: model: metadata gohsp.preparation cannot be understood: ")
        .contains("(say how pictures are prepared (--config, --mean, --std))");
    assertThat(Cli.run("rank", damaged, "--data", "digits", "--image-size", 8).exitCode()).isZero();
  }
}
