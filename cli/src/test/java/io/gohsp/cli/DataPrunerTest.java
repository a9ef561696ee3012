package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.DataPruner;
import io.gohsp.Pruner;
import io.gohsp.data.Augmentation;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.method.Methods;
import io.gohsp.ort.Device;
import io.gohsp.pipeline.TradeOff;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PlanJson;
import io.gohsp.plan.PruningPlan;
import io.gohsp.ranking.HeadRankings;
import io.gohsp.selection.Budget;
import io.gohsp.train.Agreement;
import io.gohsp.train.Recipe;
import io.gohsp.train.Teaching;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library does what the command does, to the byte but for the words of the command. */
class DataPrunerTest {
  @TempDir Path directory;
  private Path model;

  @BeforeEach
  void createModel() {
    model = directory.resolve("dense.onnx");
    DataPruningTest.create(model, 1);
  }

  private DataPruner library() {
    return Pruner.read(model)
        .keepParams(0.6)
        .data("digits")
        .calibration(64)
        .verification(new Verification(3, 0, Map.of(), Device.CPU, 1));
  }

  private static void done(Object... arguments) {
    Cli run = Cli.run(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  /** Graph, weights and metadata, but that only a command's model repeats the command. */
  private static void isTheModelOfTheCommand(Path byLibrary, Path byCommand) {
    Model library = OnnxReader.read(byLibrary);
    Model command = OnnxReader.read(byCommand);
    assertThat(library.metadata()).doesNotContainKey(Provenance.COMMAND);
    assertThat(command.metadata().remove(Provenance.COMMAND)).startsWith("gohsp ");
    assertThat(OnnxWriter.toBytes(library)).isEqualTo(OnnxWriter.toBytes(command));
  }

  @Test
  void writesTheModelOfTheCommand() throws Exception {
    Path byCommand = directory.resolve("command.onnx");
    Path byLibrary = directory.resolve("library.onnx");
    done(
        "prune",
        model,
        "-o",
        byCommand,
        "--threads",
        1,
        "--keep-params",
        0.6,
        "--data",
        "digits",
        "--calibration",
        64,
        "--epochs",
        1);
    library().epochs(1).prune().write(byLibrary);
    isTheModelOfTheCommand(byLibrary, byCommand);
  }

  @Test
  void appliesAPlanToTheModelOfTheCommand() throws Exception {
    Path plan = directory.resolve("plan.json");
    Path byCommand = directory.resolve("command.onnx");
    Path byLibrary = directory.resolve("library.onnx");
    PruningPlan chosen = Pruner.read(model).keepParams(0.7).method(Methods.SOMP).prune().plan();
    PlanJson.write(chosen, plan);
    done(
        "apply",
        model,
        plan,
        "-o",
        byCommand,
        "--threads",
        1,
        "--data",
        "digits",
        "--calibration",
        64,
        "--epochs",
        0);
    library().epochs(0).apply(chosen).write(byLibrary);
    isTheModelOfTheCommand(byLibrary, byCommand);
  }

  @Test
  void trainsToTheBytesOfTheCommand() throws Exception {
    Path byCommand = directory.resolve("command.onnx");
    Path byLibrary = directory.resolve("library.onnx");
    done(
        "train",
        model,
        "-o",
        byCommand,
        "--threads",
        1,
        "--data",
        "digits",
        "--epochs",
        2,
        "--epoch-size",
        128,
        "--smoothing",
        0.1,
        "--teacher",
        model);
    library()
        .epochs(2)
        .recipe(Recipe.STANDARD.withEpochSize(128))
        .teaching(new Teaching(true, null, null, 0.1, Augmentation.NONE))
        .train(OnnxReader.read(model))
        .write(byLibrary);
    assertThat(Files.readAllBytes(byLibrary)).isEqualTo(Files.readAllBytes(byCommand));
  }

  @Test
  void ranksAndMeasuresWhatTheCommandsTell() {
    JsonNode told =
        Cli.run("rank", model, "--threads", 1, "--data", "digits", "--samples", 64, "--json")
            .json();
    HeadRankings ranked = library().rank();
    assertThat(ranked.samples()).isEqualTo(told.get("samples").asInt());
    for (int i = 0; i < ranked.blocks().size(); i++) {
      double[] stationary = ranked.blocks().get(i).chain().stationary();
      JsonNode expected = told.at("/blocks/" + i + "/stationary");
      assertThat(stationary).hasSize(expected.size());
      for (int head = 0; head < stationary.length; head++) {
        assertThat(stationary[head]).isEqualTo(expected.get(head).asDouble());
      }
    }

    JsonNode curve =
        Cli.run(
                "tradeoff",
                model,
                "--threads",
                1,
                "--data",
                "digits",
                "--calibration",
                64,
                "--keep-params",
                0.6,
                "--json")
            .json();
    TradeOff.Result result = library().tradeOff(List.of(Budget.params("0.6")));
    assertThat(result.points().get(0).evaluation().loss())
        .isEqualTo(curve.at("/points/0/loss").asDouble());
    assertThat(result.tables().get(0).at(1))
        .isEqualTo(library().tables().get(0).at(1)); // one study or two
  }

  @Test
  void agreesWithItself() {
    Agreement agreement = library().agreement(OnnxReader.read(model));
    assertThat(agreement.sameClass()).isEqualTo(1);
    assertThat(agreement.divergence()).isZero();
  }

  @Test
  void goesOnFromItsWorkDirectory() {
    Path work = directory.resolve("work");
    library().epochs(0).in(work).prune();
    assertThatThrownBy(() -> library().epochs(0).calibration(32).in(work).prune())
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining(work.toString());
  }

  @Test
  void measuresTablesThatFallWithWhatIsKept() {
    var tables = library().tables();
    assertThat(tables).isNotEmpty();
    assertThat(tables).allSatisfy(table -> assertThat(table.at(table.units())).isZero());
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> library().epochs(-1).prune())
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("--epochs -1");
    assertThatThrownBy(() -> library().calibration(0).epochs(0).prune())
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("--calibration 0");
    assertThatThrownBy(() -> library().calibration(0).rank())
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("0 compares nothing");
    assertThatThrownBy(() -> library().apply(new PruningPlan(List.of(), Map.of())))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("removes nothing");
    assertThatThrownBy(() -> Pruner.read(model).data("digits").epochs(0).prune())
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("how much to keep");
  }
}
