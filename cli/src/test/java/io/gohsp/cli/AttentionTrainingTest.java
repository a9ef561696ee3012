package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loss of a classifier with the standard Attention, with and without windows. */
class AttentionTrainingTest {
  private static final Path CASE = Path.of("../testdata/cases/attention");

  @TempDir private Path folder;

  /** 64 samples, of which training keeps 6 for validation; at a rate of nothing all weigh alike. */
  @ParameterizedTest
  @CsvSource({"plain, 2.0684", "window, 1.9725"})
  void windowsCount(String name, double loss) {
    Cli run =
        Cli.run(
            "train",
            CASE.resolve(name + ".onnx"),
            "-o",
            folder.resolve("out.onnx"),
            "--data",
            CASE.resolve("data.npz"),
            "--epochs",
            1,
            "--batch",
            1,
            "--lr",
            "1e-20",
            "--json");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.DONE);
    JsonNode epoch = run.json().get("epochs").get(0);
    double mean = (58 * epoch.get("trainLoss").asDouble() + 6 * epoch.get("loss").asDouble()) / 64;
    assertThat(mean).isCloseTo(loss, within(1e-4));
  }
}
