package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Attribute;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose equal parameters an exporter stored once, and models whose weights are tied. */
class MergedParametersTest {
  private static final Path MODELS = Path.of("../testdata/cases/merged_parameters");

  @TempDir private Path folder;

  private static Path model(String name) {
    return MODELS.resolve(name + ".onnx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vit_dynamo", "vit_torchscript"})
  void everyBlockIsThereAndRanked(String name) {
    JsonNode inspected = Cli.run("inspect", model(name), "--json").json();
    assertThat(inspected.get("blocks")).hasSize(3);
    assertThat(inspected.get("notPrunable")).isEmpty();
    assertThat(inspected.get("tied")).isEmpty();
    JsonNode ranked =
        Cli.run("rank", model(name), "--data", "digits", "--samples", 4, "--json").json();
    assertThat(ranked.get("blocks")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"albert_dynamo", "albert_torchscript"})
  void whatIsTiedOnPurposeIsNamed(String name) {
    JsonNode inspected = Cli.run("inspect", model(name), "--json").json();
    assertThat(inspected.get("blocks")).hasSize(3);
    assertThat(inspected.get("shared")).as("heads, qk, v and neurons").hasSize(4);
    assertThat(inspected.get("tied"))
        .as("query, key, value, output, and two of the MLP")
        .hasSize(6);
    inspected.get("tied").forEach(tied -> assertThat(tied.get("uses").asInt()).isEqualTo(3));
    assertThat(Cli.run("inspect", model(name)).out()).contains("tied: ", " and 3 more");
  }

  /** PyTorch trains 4,282 numbers; its dynamo exporter leaves out a head's bias of ten zeros. */
  @ParameterizedTest
  @CsvSource({"vit_dynamo, 4272", "vit_torchscript, 4282"})
  void trainsAsManyParametersAsTheFrameworkWould(String name, int parameters) {
    Path out = folder.resolve("out.onnx");
    JsonNode trained =
        Cli.run(
                "train",
                model(name),
                "-o",
                out,
                "--data",
                "digits",
                "--epochs",
                1,
                "--batch",
                64,
                "--json")
            .json();
    assertThat(trained.get("trainedParams").asInt()).isEqualTo(parameters);
  }

  @Test
  void prunesWithData() {
    Path out = folder.resolve("out.onnx");
    JsonNode pruned =
        Cli.run(
                "prune",
                model("vit_dynamo"),
                "-o",
                out,
                "--data",
                "digits",
                "--keep-params",
                0.7,
                "--allocation",
                "uniform",
                "--calibration",
                16,
                "--soft-epochs",
                1,
                "--epochs",
                1,
                "--batch",
                64,
                "--json")
            .json();
    assertThat(pruned.get("heads")).hasSize(3);
  }

  /**
   * Training gives readers of one constant constants of their own, where a fresh cut of the
   * original has one, and another node for each Constant node: that is no reason to refuse a file.
   * An epsilon that is another is.
   */
  @ParameterizedTest
  @CsvSource({
    "vit_torchscript, false, false",
    "vit_dynamo, true, false",
    "vit_torchscript, true, true"
  })
  void whatTrainingToldApartIsStillACut(String name, boolean nodes, boolean later)
      throws IOException {
    Path original = nodes ? withConstantNodes(model(name)) : model(name);
    Path trained = later ? trainedLater(original) : prunedWithData(original);
    String looked = Cli.succeeds("verify", original, trained).out();
    assertThat(looked).contains("graph and attributes of a fresh cut, and its constants but for ");

    Model tampered = OnnxReader.read(trained);
    Node norm =
        tampered.graph().nodes().stream()
            .filter(node -> node.is("LayerNormalization"))
            .findFirst()
            .orElseThrow();
    norm.setAttribute(Attribute.of("epsilon", 1e-2f));
    Path file = folder.resolve("tampered.onnx");
    Files.write(file, OnnxWriter.toBytes(tampered));
    Cli refused = Cli.run("verify", original, file);
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err()).contains("attribute \"epsilon\" of ");
  }

  private Path withConstantNodes(Path file) throws IOException {
    Model model = OnnxReader.read(file);
    for (Value value : List.copyOf(model.graph().initializers())) {
      Tensor tensor = Objects.requireNonNull(value.constant());
      Node node =
          model
              .graph()
              .insertBefore(
                  model.graph().nodes().iterator().next(), OpId.of("Constant"), value.name());
      node.setAttribute(Attribute.of("value", tensor));
      value.replaceAllUsesWith(node.output());
      model.graph().removeInitializer(value);
    }
    return Files.write(folder.resolve("nodes.onnx"), OnnxWriter.toBytes(model));
  }

  private Path prunedWithData(Path original) {
    Path out = folder.resolve("half.onnx");
    Cli run =
        Cli.run(
            "prune",
            original,
            "-o",
            out,
            "--data",
            "digits",
            "--keep-params",
            0.7,
            "--allocation",
            "uniform",
            "--calibration",
            16,
            "--soft-epochs",
            1,
            "--epochs",
            1,
            "--batch",
            64,
            "-q");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(0);
    return out;
  }

  private Path trainedLater(Path original) {
    Path half = folder.resolve("half.onnx");
    Path out = folder.resolve("trained.onnx");
    Cli.succeeds("prune", original, "-o", half, "--keep-params", 0.7, "-q");
    Cli run =
        Cli.run("train", half, "-o", out, "--data", "digits", "--epochs", 1, "--batch", 64, "-q");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(0);
    return out;
  }

  /** Each position of a batch has a copy of the class token, and all copies stay one token. */
  @Test
  void whatIsExpandedAlongTheBatchStaysSo() {
    Path out = folder.resolve("out.onnx");
    JsonNode trained =
        Cli.run(
                "train",
                model("vit_dynamo_batch_64"),
                "-o",
                out,
                "--data",
                "digits",
                "--epochs",
                1,
                "--batch",
                64,
                "--json")
            .json();
    assertThat(trained.get("steps").asInt()).isEqualTo(25);
    float[] before = token(OnnxReader.read(model("vit_dynamo_batch_64")));
    float[] after = token(OnnxReader.read(out));
    assertThat(after).hasSize(64 * 12).isNotEqualTo(before);
    float[] first = Arrays.copyOf(after, 12);
    for (int copy = 1; copy < 64; copy++) {
      assertThat(Arrays.copyOfRange(after, 12 * copy, 12 * copy + 12)).isEqualTo(first);
    }
  }

  private static float[] token(Model model) {
    Tensor token =
        model.graph().initializers().stream()
            .map(value -> Objects.requireNonNull(value.constant()))
            .filter(tensor -> Arrays.equals(tensor.dims(), new long[] {64, 1, 12}))
            .findFirst()
            .orElseThrow();
    return token.floats();
  }
}
