package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.onnx.TensorProto;
import io.gohsp.op.ConstantValue;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gradient of every parameter of every fixture, along itself, against difference quotients of
 * the loss.
 */
public class FixtureGradientsTest {
  public static final Path FIXTURES = Path.of("..", "testdata", "fixtures");

  /** Quantised, control flow around the network, or recurrent. */
  public static final Set<String> NOT_TRAINABLE =
      Set.of(
          "hf_vit__int8_dynamic_perchannel",
          "neg_lstm",
          "timm_vit__if_captured",
          "timm_vit__int4_matmulnbits",
          "timm_vit__int8_qdq");

  /**
   * Its mask leaves some queries without keys: what is added to their scores swallows the scores,
   * and no difference is seen where the formula (as in every framework) has a gradient. It gets a
   * mask of ones.
   */
  private static final Set<String> UNMASKED = Set.of("hf_modernbert");

  /** Part of a weight's norm to go along the gradient; enough for most. */
  private static final double QUICK = 0.001;

  /** The same, extrapolated to no step at all. */
  private static final double[] STEPS = {0.004, 0.0005, 0.00006};

  /** Rounding of outputs in float, relative to the loss. */
  private static final double ROUNDING = 2e-7;

  /** What the third derivative leaves after extrapolation. */
  private static final double CURVATURE = 0.01;

  /** Exporters fold and fuse in float. */
  private static final double PARITY = 1e-4;

  public static Stream<String> fixtures() throws IOException {
    try (Stream<Path> folders = Files.list(FIXTURES)) {
      return folders.map(path -> path.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void matchesDifferenceQuotients(String fixture) throws Exception {
    Path folder = FIXTURES.resolve(fixture);
    Model model = OnnxReader.read(folder.resolve("model.onnx"));
    ShapeFacts facts = ShapeInference.of(model);
    List<Value> outputs =
        model.graph().outputs().stream()
            .filter(value -> facts.type(value) != null && facts.type(value).isFloating())
            .distinct()
            .toList();
    List<Loss> losses = new ArrayList<>();
    outputs.forEach(value -> losses.add(new Loss.FeatureMatch(value, 1)));
    TrainingOptions options = new TrainingOptions(Parameters::trainable, losses, outputs);
    if (NOT_TRAINABLE.contains(fixture)) {
      assertThatThrownBy(() -> TrainingGraph.of(model, options))
          .isInstanceOf(ModelException.Unsupported.class);
      return;
    }
    TrainingGraph training = TrainingGraph.of(model, options);
    Map<String, Numbers.Fed> feeds = new LinkedHashMap<>();
    int index = 0;
    for (Value input : model.graph().inputs()) {
      if (input.constant() == null) {
        Tensor given = read(folder.resolve("input_" + index++ + ".pb"));
        Numbers.Fed fed = Numbers.Fed.of(given);
        if (UNMASKED.contains(fixture) && input.name().equals("attention_mask")) {
          Arrays.fill(fed.values(), 1);
        }
        feeds.put(training.inputs().get(input).name(), fed);
      }
    }
    training
        .parameters()
        .forEach((from, to) -> feeds.put(to.name(), Numbers.Fed.of(ConstantValue.of(from))));
    Random random = new Random(3);
    List<double[]> targets = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Tensor given =
          read(folder.resolve("output_" + model.graph().outputs().indexOf(outputs.get(i)) + ".pb"));
      double[] target = random.doubles(given.size(), -2, 2).toArray();
      targets.add(target);
      feeds.put(training.targets().get(i).name(), new Numbers.Fed(given.dims(), target));
    }
    try (Numbers program = new Numbers(training.model())) {
      List<double[]> results = program.run(feeds);
      int first = 1 + training.gradients().size();
      for (int i = 0; i < outputs.size(); i++) {
        Path file =
            folder.resolve("output_" + model.graph().outputs().indexOf(outputs.get(i)) + ".pb");
        boolean half = fixture.contains("fp16");
        if (UNMASKED.contains(fixture)) {
          continue;
        }
        assertClose(
            Numbers.Fed.of(read(file)).values(), results.get(first + i), half ? 0.05 : PARITY);
      }
      double loss = loss(results, first, targets);
      assertThat(results.get(0)[0]).isCloseTo(loss, within(1e-4 * loss));
      int at = 1;
      List<String> wrong = new ArrayList<>();
      for (Map.Entry<Value, Value> parameter : training.parameters().entrySet()) {
        double[] gradient = results.get(at++);
        double[] weights = feeds.get(parameter.getValue().name()).values();
        assertThat(gradient).hasSameSizeAs(weights);
        String difference = check(program, feeds, weights, gradient, first, targets, loss);
        if (difference != null) {
          wrong.add(parameter.getKey().name() + ": " + difference);
        }
      }
      assertThat(wrong).isEmpty();
    }
  }

  private static String check(
      Numbers program,
      Map<String, Numbers.Fed> feeds,
      double[] weights,
      double[] gradient,
      int first,
      List<double[]> targets,
      double loss)
      throws Exception {
    double norm = norm(gradient);
    if (norm == 0) {
      return null;
    }
    double size = Math.max(norm(weights), 0.1 * Math.sqrt(weights.length));
    double quick = quotient(program, feeds, weights, gradient, QUICK * size / norm, first, targets);
    if (Math.abs(quick / norm - norm) <= CURVATURE * norm) {
      return null;
    }
    String difference = null;
    for (double part :
        STEPS) { // sharp bends of the loss want small steps, flat stretches large ones
      double step = part * size;
      double expected =
          (4 * quotient(program, feeds, weights, gradient, step / 2 / norm, first, targets)
                  - quotient(program, feeds, weights, gradient, step / norm, first, targets))
              / 3
              / norm;
      double allowed = CURVATURE * norm + ROUNDING * Math.max(1, loss) / step;
      if (Math.abs(expected - norm) <= allowed) {
        return null;
      }
      difference = norm + " should be " + expected;
    }
    return difference;
  }

  private static double quotient(
      Numbers program,
      Map<String, Numbers.Fed> feeds,
      double[] weights,
      double[] direction,
      double step,
      int first,
      List<double[]> targets)
      throws Exception {
    double[] before = weights.clone();
    double[] losses = new double[2];
    for (int side = 0; side < 2; side++) {
      for (int i = 0; i < weights.length; i++) {
        weights[i] = before[i] + (side == 0 ? step : -step) * direction[i];
      }
      losses[side] = loss(program.run(feeds), first, targets);
    }
    System.arraycopy(before, 0, weights, 0, weights.length);
    return (losses[0] - losses[1]) / (2 * step);
  }

  private static double loss(List<double[]> results, int first, List<double[]> targets) {
    double loss = 0;
    for (int i = 0; i < targets.size(); i++) {
      double sum = 0;
      double[] result = results.get(first + i);
      for (int j = 0; j < result.length; j++) {
        sum += (result[j] - targets.get(i)[j]) * (result[j] - targets.get(i)[j]);
      }
      loss += sum / result.length;
    }
    return loss;
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  private static void assertClose(double[] expected, double[] actual, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i])
          .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
    }
  }

  public static Tensor read(Path file) throws IOException {
    TensorProto proto = TensorProto.parseFrom(Files.readAllBytes(file));
    ByteString raw = proto.getRawData();
    ByteBuffer bytes = ByteBuffer.wrap(raw.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    return new Tensor(ElementType.of(proto.getDataType()), dims, new TensorData.Heap(bytes));
  }
}
