package io.gohsp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Dim;
import io.gohsp.ir.Model;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.rewrite.GraphBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One model whose inputs are declared in other and in untrue ways. What the axes are the data say,
 * samples of 5 tokens with 12 features, so that nothing comes out otherwise.
 */
class AxisNamesTest {
  private static final Path CASE = Path.of("../testdata/cases/axis_names");
  private static final Path MODEL = CASE.resolve("model.onnx");
  private static final Path SAMPLES = CASE.resolve("samples.npz");

  @TempDir private Path folder;

  /** The model with inputs of these axes: numbers, names, or {@code ?} for nothing. */
  private Path declared(String x, String mask) throws IOException {
    Model model = OnnxReader.read(MODEL);
    List<Value> inputs = model.graph().inputs();
    for (int i = 0; i < 2; i++) {
      List<Dim> shape =
          Arrays.stream((i == 0 ? x : mask).split(" ")).map(AxisNamesTest::dim).toList();
      TensorType type = (TensorType) Objects.requireNonNull(inputs.get(i).type());
      inputs.get(i).setType(new TensorType(type.element(), shape));
    }
    return written(model, "declared.onnx");
  }

  private Path written(Model model, String name) throws IOException {
    Path file = folder.resolve(name);
    OnnxWriter.write(model, file);
    return file;
  }

  /** Heads are taken apart and put together by the extents of the mask instead of the tokens'. */
  private Path shapedByMask(Path declared) throws IOException {
    Model model = OnnxReader.read(declared);
    Value mask = model.graph().inputs().get(1);
    for (Node node : List.copyOf(model.graph().nodes())) {
      if (node.is("Reshape")) {
        long[] shape =
            Objects.requireNonNull(Objects.requireNonNull(node.input(1).constant()).longs());
        GraphBuilder g = GraphBuilder.before(node);
        Value rest = g.longs(Arrays.copyOfRange(shape, 2, shape.length));
        node.setInput(1, g.concat(0, g.op("Shape", mask), rest));
      }
    }
    return written(model, "shaped.onnx");
  }

  private static Dim dim(String text) {
    return text.equals("?")
        ? Dim.UNKNOWN
        : text.matches("\\d+") ? Dim.of(Long.parseLong(text)) : Dim.of(text);
  }

  private static Cli done(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--data", SAMPLES));
    Cli run = Cli.run(all.toArray());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.DONE);
    return run;
  }

  /** What heads and groups are worth. */
  private static List<JsonNode> measured(Path model) {
    List<JsonNode> all = new ArrayList<>();
    all.add(done("rank", model, "--json").json().get("blocks"));
    done("sensitivity", model, "--json")
        .json()
        .get("tables")
        .forEach(table -> all.add(table.get("loss")));
    assertThat(all).hasSizeGreaterThan(1).doesNotContainNull();
    return all;
  }

  /** Padding is told by a mask whose tokens have the name of the others. */
  @ParameterizedTest
  @CsvSource({"b s 12, b2 s", "? s 12, ? s"})
  void measureWhatTheyAreOtherwiseCalled(String x, String mask) throws IOException {
    assertThat(measured(declared(x, mask))).isEqualTo(measured(MODEL));
  }

  @ParameterizedTest
  @CsvSource({"b s 12, b2 s2", "? ? ?, ? ?", "n n n, n n", "b s n, b n"})
  void areWhatTheDataSay(String x, String mask) throws IOException {
    Path model = declared(x, mask);
    measured(model);
    Path out = folder.resolve("out.onnx");
    Path plan = folder.resolve("plan.json");
    done("prune", model, "-o", out, "--heads", 2, "--qk", 3, "--epochs", 0, "--plan-out", plan);
    done("verify", model, out);
    Path tuned = folder.resolve("tuned.onnx");
    done("train", out, "-o", tuned, "--teacher", model, "--epochs", 1, "--batch", 8);
    Path applied = folder.resolve("applied.onnx");
    done("apply", model, plan, "-o", applied);
    assertThat(done("verify", model, applied).out()).contains(" 5/9", "2 samples of the data");
  }

  /** What a plan may say does not depend on what the data say of the axes. */
  @ParameterizedTest
  @CsvSource({"b s 12, b2 s2", "? ? 12, ? ?", "b s 12, b2 s", "4 s 12, b2 s2"})
  void mayBeShapedByThoseOfTheMask(String x, String mask) throws IOException {
    Path model = shapedByMask(declared(x, mask));
    Path out = folder.resolve("out.onnx");
    Object[] prune = {"prune", model, "-o", out, "--epochs", 0, "--heads", 2, "--qk", 3};
    done(prune);
    done("verify", model, out);
    done(Stream.concat(Arrays.stream(prune), Stream.of("--no-rotate")).toArray());
    done("verify", model, out);
    Cli byWeights = Cli.run("prune", model, "-o", out, "--heads", 2, "--qk", 3);
    assertThat(byWeights.exitCode()).as(byWeights.err()).isEqualTo(ExitCodes.DONE);
    done("verify", model, out);
  }

  /** Where models are timed, and where many are cut. */
  @ParameterizedTest
  @CsvSource({"n n n, n n", "b s n, b2 n"})
  void areWhatTheDataSayOfTimesToo(String x, String mask) throws IOException {
    Path model = declared(x, mask);
    Path fast = folder.resolve("fast.onnx");
    done("prune", model, "-o", fast, "--latency", "10s", "--neurons", "50%", "--epochs", 0);
    done("tradeoff", model, "--keep-params", "80%");
    Path work = folder.resolve("work");
    done(
        "compare",
        model,
        "--work",
        work,
        "--methods",
        "somp",
        "--keep-params",
        0.8,
        "--steps",
        2,
        "--batch",
        8);
  }

  /** What one input leaves open is built in by the other. */
  @ParameterizedTest
  @CsvSource({"4, 4 s 12, b s", "4, b s 12, 4 s", "1, 1 s 12, b s", "1, b s 12, 1 s"})
  void aBatchMayBeBuiltIn(int batch, String x, String mask) throws IOException {
    List<JsonNode> expected = measured(declared(batch + " s 12", batch + " s"));
    assertThat(measured(declared(x, mask))).isEqualTo(expected);
  }
}
