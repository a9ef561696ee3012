package io.gohsp.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Commands do on executors what they do in one process, to the byte. */
@ExtendWith(LocalCluster.class)
class CommandsOnSparkTest {
  private static final Path TESTDATA = Path.of("..", "testdata");

  /** What a process ends with that was killed: 128 and the signal's number. */
  private static final int SIGKILL = 128 + 9;

  @TempDir Path directory;

  @Test
  void manyModels() throws IOException {
    Path models = Files.createDirectories(directory.resolve("models/deep"));
    Path vit = TESTDATA.resolve("fixtures/timm_vit_legacy_op17_unfused/model.onnx");
    Files.copy(vit, models.resolve("vit.onnx"));
    Files.copy(TESTDATA.resolve("models/sequence.onnx"), models.resolve("sequence.onnx"));
    Files.write(models.resolveSibling("broken.onnx"), Arrays.copyOf(Files.readAllBytes(vit), 999));
    Path out = directory.resolve("out");
    Object[] command = {
      "prune", models.getParent(), "-o", out, "--method", "somp", "--keep-params", "0.7", "--json"
    };

    LocalCluster.Run local = LocalCluster.run(null, command);
    Map<String, String> alone = contents(out);
    LocalCluster.Run spark = LocalCluster.run(LocalCluster.workers(), command);

    assertThat(spark.out()).isEqualTo(local.out()).contains("\"exitCode\":4", "\"failed\":1");
    assertThat(spark.exitCode()).isEqualTo(local.exitCode()).isEqualTo(1);
    assertThat(contents(out)).isEqualTo(alone).hasSize(2);
  }

  /** Sums over samples: the same to the byte, though an executor is killed while it adds up. */
  @Test
  void statisticsLoseNothingWithAnExecutor() throws Exception {
    Path model = TESTDATA.resolve("models/digits.onnx");
    Path pruned = directory.resolve("pruned.onnx");
    LocalCluster.run(
        null, "prune", model, "-o", pruned, "--method", "somp", "--keep-params", "0.8");
    Object[] verify = {"verify", model, pruned, "--data", "digits", "--threads", 1, "--json"};
    Object[] sensitivity = {
      "sensitivity", model, "--data", "digits", "--calibration", 192, "--threads", 1, "--json"
    };
    Object[] rank = {"rank", model, "--data", "digits", "--threads", 1, "--json"};

    List<Long> executors = List.copyOf(LocalCluster.executors());
    CompletableFuture<Void> killed =
        CompletableFuture.runAsync(() -> LocalCluster.killWhileBusy(executors.get(0)));
    LocalCluster.Run ranked = LocalCluster.run(LocalCluster.workers(), rank);
    killed.get(1, TimeUnit.MINUTES);
    LocalCluster.Run verified = LocalCluster.run(LocalCluster.workers(), verify);
    LocalCluster.Run tables = LocalCluster.run(LocalCluster.workers(), sensitivity);

    assertThat(ranked.out()).isEqualTo(LocalCluster.run(null, rank).out());
    assertThat(verified.out()).isEqualTo(LocalCluster.run(null, verify).out());
    assertAlike(tables.out(), LocalCluster.run(null, sensitivity).out());
    assertThat(tables.out()).contains("\"rotated\":true", "\"tables\":[");
    assertThat(ranked.exitCode()).isZero();
    assertThat(ranked.out()).contains("\"similarity\"");
    assertThat(verified.out()).contains("\"samples\":180");
    assertThat(LocalCluster.executors()).doesNotContain(executors.get(0));
  }

  /**
   * Importances by gates and by weights; and accuracies, which are counts: not a sample more or
   * less.
   */
  @Test
  void importancesAndAccuracies() {
    Object[] taylor = tradeoff(TESTDATA.resolve("models/digits.onnx"), "taylor");
    Object[] ssp = tradeoff(small(), "ssp");

    int shares = LocalCluster.jobs("Shares");
    int evaluating = LocalCluster.jobs("Evaluating");
    LocalCluster.Run first = LocalCluster.run(LocalCluster.workers(), taylor);
    LocalCluster.Run second = LocalCluster.run(LocalCluster.workers(), ssp);

    String expected = LocalCluster.run(null, taylor).out();
    assertAlike(first.out(), expected);
    List<String> found = evaluations(first.out(), "\"accuracy\":[^,}]*");
    assertThat(found).isEqualTo(evaluations(expected, "\"accuracy\":[^,}]*")).hasSize(2);
    String dense = evaluations(expected, "\"loss\":[^,]*,\"accuracy\":[^,}]*").get(0);
    assertThat(first.out()).contains(dense); // of the same model, to the bit
    assertThat(first.out()).contains("\"tables\":[");
    // An untrained model's tables differ by more: of some columns nearly all of the loss cancels.
    assertAlike(points(second.out()), points(LocalCluster.run(null, ssp).out()));
    assertThat(LocalCluster.jobs("Shares") - shares).isEqualTo(4);
    assertThat(LocalCluster.jobs("Evaluating") - evaluating).isEqualTo(8);
  }

  private static Object[] tradeoff(Path model, String method) {
    Object[] how = {"--keep-params", "0.6", "--no-recover", "--threads", 1, "--json"};
    Object[] what = {"tradeoff", model, "--data", "digits", "--calibration", 130};
    return with(with(what, how), "--method", method);
  }

  private static String points(String json) {
    return json.substring(json.indexOf("\"points\":["), json.indexOf("\"tables\":["));
  }

  private static List<String> evaluations(String json, String pattern) {
    return Pattern.compile(pattern).matcher(json).results().map(MatchResult::group).toList();
  }

  /**
   * Tables, graphs of heads, moments, corrections and accuracies of one model: the same to the
   * byte, whoever is killed; and but for the rounding of sums the same as in one process.
   */
  @Test
  void oneModelIsMeasuredAndCorrectedOnExecutors() throws Exception {
    Object[] prune = {
      "prune",
      small(),
      "--data",
      "digits",
      "--calibration",
      200,
      "--keep-params",
      "0.6",
      "--epochs",
      0,
      "--threads",
      1,
      "--json",
      "-o"
    };
    Path out = directory.resolve("out.onnx");
    LocalCluster.Run local = LocalCluster.run(null, with(prune, out));
    LocalCluster.Run spark = LocalCluster.run(LocalCluster.workers(), with(prune, out));
    byte[] expected = Files.readAllBytes(out);
    List<Long> executors = List.copyOf(LocalCluster.executors());
    CompletableFuture<Void> killed =
        CompletableFuture.runAsync(
            () -> LocalCluster.killOnceSaid(executors.get(0), "SweepSums", 4));
    LocalCluster.Run disturbed = LocalCluster.run(LocalCluster.workers(), with(prune, out));
    killed.get(1, TimeUnit.MINUTES);

    assertThat(local.exitCode()).as(local.err()).isZero();
    assertThat(disturbed.out()).isEqualTo(spark.out());
    assertThat(out).hasBinaryContent(expected);
    assertThat(LocalCluster.executors()).doesNotContain(executors.get(0));
    assertAlike(spark.out(), local.out());
  }

  /**
   * The same text, with numbers that are the same but for the rounding of sums: a thousandth, or a
   * billionth of what is left of a loss where nearly all of it cancels.
   */
  private static void assertAlike(String found, String expected) {
    String number = "-?\\d+\\.\\d+(E-?\\d+)?";
    assertThat(found.replaceAll(number, "N")).isEqualTo(expected.replaceAll(number, "N"));
    double[][] both =
        Stream.of(found, expected)
            .map(text -> Pattern.compile(number).matcher(text).results())
            .map(all -> all.mapToDouble(one -> Double.parseDouble(one.group())).toArray())
            .toArray(double[][]::new);
    for (int i = 0; i < both[0].length; i++) {
      double bound = Math.max(1e-9, 1e-3 * Math.abs(both[1][i]));
      assertThat(both[0][i]).isCloseTo(both[1][i], within(bound));
    }
  }

  /** Nor with a driver: another goes on from its checkpoint, here with executors of its own. */
  @Test
  void trainingLosesNothingWithDriverOrExecutor() throws Exception {
    Path model = TESTDATA.resolve("models/digits.onnx");
    Path out = directory.resolve("trained.onnx");
    Object[] train = {
      "train",
      model,
      "-o",
      out,
      "--data",
      "digits",
      "--threads",
      1,
      "--epoch-size",
      200,
      "--batch",
      50,
      "--accumulate",
      2,
      "--epochs",
      3,
      "--keep",
      "last",
      "--checkpoint-steps",
      1,
      "--json",
      "--work"
    };
    LocalCluster.Run local = LocalCluster.run(null, with(train, directory.resolve("here")));
    assertThat(local.exitCode()).as(local.err()).isZero();
    byte[] expected = Files.readAllBytes(out);
    Files.delete(out);

    Path there = directory.resolve("there");
    Path log = directory.resolve("driver.log");
    Process driver = LocalCluster.driver(log, with(train, there));
    while (driver.isAlive() && !Files.exists(there.resolve("checkpoint.zip"))) {
      Thread.sleep(5);
    }
    driver.destroyForcibly();
    assertThat(driver.waitFor()).as(Files.readString(log)).isEqualTo(SIGKILL);
    assertThat(out).doesNotExist();

    List<Long> executors = List.copyOf(LocalCluster.executors());
    CompletableFuture<Void> killed =
        CompletableFuture.runAsync(() -> LocalCluster.killWhileBusy(executors.get(0)));
    LocalCluster.Run rest = LocalCluster.run(LocalCluster.workers(), with(train, there));
    killed.get(1, TimeUnit.MINUTES);

    assertThat(rest.err()).contains("continues after step ");
    assertThat(rest.out()).isEqualTo(local.out());
    assertThat(out).hasBinaryContent(expected);
    assertThat(there.resolve("log.jsonl")).exists();
    assertThat(LocalCluster.executors()).doesNotContain(executors.get(0));
  }

  private static Object[] with(Object[] command, Object... more) {
    return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray();
  }

  /** All files below a folder, with their bytes. */
  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    for (Path file : files(folder)) {
      contents.put(folder.relativize(file).toString(), Arrays.toString(Files.readAllBytes(file)));
    }
    return contents;
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private Object[] grid(Path work) {
    List<Object> command = new ArrayList<>();
    command.addAll(List.of("compare", small(), "--data", "digits"));
    command.addAll(
        List.of("--methods", "somp", "--keep-params", "0.6", "--steps", 8, "--calibration", 64));
    command.addAll(List.of("--no-latency", "--threads", 1, "--json", "--work", work));
    return command.toArray();
  }

  /** Numbers of a grid without those of its duration. */
  private static String timeless(String json) {
    return json.replaceAll("\"(seconds|resumed)\":[^,}]*", "")
        .replaceAll("\"command\":\"[^\"]*\"", "");
  }

  private static List<Path> models(Path work) throws IOException {
    return files(work).stream().filter(file -> file.endsWith("model.onnx")).sorted().toList();
  }

  /** A vision transformer of five tokens, untrained. */
  private Path small() {
    Path model = directory.resolve("dense.onnx");
    Object[] sizes = {
      "--image", 8, "--patch", 4, "--channels", 1, "--dim", 16, "--depth", 2, "--heads", 2
    };
    Object[] create = {"create", "vit-small", "-o", model, "--classes", 10};
    assertThat(LocalCluster.run(null, with(create, sizes)).exitCode()).isZero();
    return model;
  }

  @Test
  void aGridLosesNothingWithAnExecutor() throws Exception {
    Path here = directory.resolve("here");
    Path there = directory.resolve("there");
    LocalCluster.Run local = LocalCluster.run(null, grid(here));
    assertThat(local.exitCode()).as(local.err()).isZero();

    List<Long> executors = List.copyOf(LocalCluster.executors());
    CompletableFuture<Long> killed =
        CompletableFuture.supplyAsync(() -> killOnceTrainingIsSaved(there, executors.get(0)));
    LocalCluster.Run spark = LocalCluster.run(LocalCluster.workers(), grid(there));

    assertThat(spark.exitCode()).as(spark.err()).isZero();
    assertThat(killed.get(1, TimeUnit.MINUTES)).as("cells that were over by then").isLessThan(2);
    assertThat(timeless(spark.out())).isEqualTo(timeless(local.out()));
    List<Path> expected = models(here);
    assertThat(expected).hasSize(2);
    for (Path cell : expected) {
      assertThat(there.resolve(here.relativize(cell))).hasSameBinaryContentAs(cell);
    }
    assertThat(LocalCluster.executors()).doesNotContain(executors.get(0));
  }

  /** Ends an executor with SIGKILL as soon as a cell has begun; returns how many were over. */
  private static long killOnceTrainingIsSaved(Path work, long executor) {
    try {
      while (files(work).stream().noneMatch(file -> file.toString().contains("/run/"))) {
        Thread.sleep(20);
      }
      ProcessHandle.of(executor).orElseThrow().destroyForcibly();
      return models(work).size();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
