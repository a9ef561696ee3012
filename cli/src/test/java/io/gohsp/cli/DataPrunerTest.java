package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.DataPruner;
import io.gohsp.Pruner;
import io.gohsp.equivalence.Provenance;
import io.gohsp.equivalence.Verification;
import io.gohsp.io.OnnxReader;
import io.gohsp.ort.Device;
import io.gohsp.plan.InvalidOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library does what the command does, to the byte. */
class DataPrunerTest {
  @TempDir Path directory;
  private Path model;

  @BeforeEach
  void createModel() {
    model = directory.resolve("dense.onnx");
    DataPruningTest.create(model, 1);
  }

  private DataPruner library(String command) {
    return Pruner.read(model)
        .keepParams(0.6)
        .command(command)
        .data("digits")
        .calibration(64)
        .verification(new Verification(3, 0, Map.of(), Device.CPU, 1));
  }

  private String commandIn(Path file) {
    return OnnxReader.read(file).metadata().get(Provenance.COMMAND);
  }

  @Test
  void writesTheBytesOfTheCommand() throws Exception {
    Path byCommand = directory.resolve("command.onnx");
    Path byLibrary = directory.resolve("library.onnx");
    Cli run =
        Cli.run(
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
    assertThat(run.exitCode()).as(run.err()).isZero();
    library(commandIn(byCommand)).epochs(1).prune().write(byLibrary);
    assertThat(Files.readAllBytes(byLibrary)).isEqualTo(Files.readAllBytes(byCommand));
  }

  @Test
  void goesOnFromItsWorkDirectory() {
    Path work = directory.resolve("work");
    library("").epochs(0).in(work).prune();
    assertThatThrownBy(() -> library("").epochs(0).calibration(32).in(work).prune())
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining(work.toString());
  }

  @Test
  void measuresTablesThatFallWithWhatIsKept() {
    var tables = library("").tables();
    assertThat(tables).isNotEmpty();
    assertThat(tables).allSatisfy(table -> assertThat(table.at(table.units())).isZero());
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> library("").epochs(-1)).isInstanceOf(InvalidOption.class);
    assertThatThrownBy(() -> library("").calibration(0)).isInstanceOf(InvalidOption.class);
    assertThatThrownBy(() -> Pruner.read(model).data("digits").epochs(0).prune())
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("how much to keep");
  }
}
