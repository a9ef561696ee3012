package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench --training}. */
class TrainingBenchTest {
  @TempDir Path directory;
  private Path model;

  @BeforeEach
  void create() {
    model = directory.resolve("model.onnx");
    Cli.succeeds(
        "create", "vit-small", "-o", model, "--dim", 16, "--depth", 2, "--heads", 2, "--image", 8);
  }

  @Test
  void saysHowLongAStepTakesAndHowMuchMemory() throws IOException {
    byte[] before = Files.readAllBytes(model);

    JsonNode json =
        Cli.succeeds("bench", model, "--training", "--batch", 3, "--steps", 4, "--json").json();

    assertThat(json.get("device").textValue()).isEqualTo("cpu");
    assertThat(json.get("steps").intValue()).isEqualTo(4);
    assertThat(json.get("models")).isEmpty();
    JsonNode training = json.get("training");
    assertThat(training.fieldNames())
        .toIterable()
        .containsExactly(
            "path",
            "engine",
            "batch",
            "medianMs",
            "minMs",
            "imagesPerSecond",
            "peakRssMb",
            "optimizerShare");
    assertThat(training.get("path").textValue()).isEqualTo(model.toString());
    assertThat(training.get("engine").textValue()).isEqualTo("ort");
    assertThat(training.get("batch").intValue()).isEqualTo(3);
    double median = training.get("medianMs").doubleValue();
    assertThat(training.get("minMs").doubleValue()).isPositive().isLessThanOrEqualTo(median);
    // The median is printed to the microsecond.
    assertThat(training.get("imagesPerSecond").doubleValue() * median / 3000)
        .isCloseTo(1, within(0.001 / median));
    assertThat(training.get("optimizerShare").doubleValue()).isBetween(Double.MIN_VALUE, 1.0);
    if (System.getProperty("os.name").equals("Linux")) {
      // A JVM with ONNX Runtime in it takes more than 50 MB; whoever prints bytes or kB is far off.
      assertThat(training.get("peakRssMb").doubleValue()).isBetween(50.0, 8000.0);
    }
    assertThat(Files.readAllBytes(model)).isEqualTo(before);
  }

  @Test
  void trainsWhatHasNoClassScoresTowardsRandomOutputs() {
    Path encoder = Cli.fixture("timm_vit_headless");

    JsonNode training =
        Cli.succeeds("bench", encoder, "--training", "--steps", 1, "--json").json().get("training");

    assertThat(training.get("medianMs").doubleValue()).isPositive();
  }

  @Test
  void takesTheBatchThatIsBuiltIn() {
    JsonNode json = Cli.succeeds("bench", Cli.VIT, "--training", "--steps", 1, "--json").json();

    assertThat(json.at("/training/batch").intValue()).isEqualTo(2);
  }

  @Test
  void printsATable() {
    String[] lines = Cli.run("bench", model, "--training", "--steps", 1).out().split("\\R", -1);

    assertThat(lines[0].strip().split(" {2,}"))
        .containsExactly("batch", "median ms", "min ms", "samples/s", "optimizer", "peak memory");
    assertThat(lines[1]).startsWith(model.toString()).matches(".* %\\s+(\\d+ MB|unknown)$");
  }

  @Test
  void withoutTrainingThereIsNone() {
    assertThat(Cli.succeeds("bench", model, "--steps", 1, "--json").json().get("training").isNull())
        .isTrue();
  }
}
