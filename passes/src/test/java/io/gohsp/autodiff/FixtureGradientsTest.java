package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import com.google.protobuf.ByteString;
import io.gohsp.fixture.FixtureNames;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gradient of every parameter of fixtures against difference quotients of the loss: with its
 * elements weighted at random, and along the elements where it is zero. The gradients of the other
 * half are compared between engines (EnginesAgreeTest).
 */
public class FixtureGradientsTest {
  private static final String QUANTISED = "quantised: fine-tune the float model";

  /** All fixtures that are refused, with what the refusal says. Every other one is trained. */
  public static final Map<String, String> NOT_TRAINABLE =
      Map.of(
          "hf_dinov3",
          "no gradient rule for If (its branches return other shapes, or hold further graphs: ",
          "hf_vit__int8_dynamic_perchannel",
          QUANTISED,
          "neg_lstm",
          "no gradient rule for LSTM",
          "timm_vit__int4_matmulnbits",
          QUANTISED,
          "timm_vit__int8_qdq",
          QUANTISED);

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

  /** A slope that differences see where the gradient is zero, relative to the whole gradient. */
  private static final double UNSEEN = 1e-3;

  /** Exporters fold and fuse in float. */
  private static final double PARITY = 1e-4;

  static List<String> fixtures() {
    return FixtureNames.sample("FixtureGradientsTest");
  }

  @Test
  void onlyFixturesAreExcused() {
    assertThat(FixtureNames.all()).containsAll(NOT_TRAINABLE.keySet()).containsAll(UNMASKED);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void matchesDifferenceQuotients(String fixture) throws Exception {
    Path folder = FixtureNames.ROOT.resolve(fixture);
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
    String refusal = NOT_TRAINABLE.get(fixture);
    if (refusal != null) {
      assertThatThrownBy(() -> TrainingGraph.of(model, options))
          .isInstanceOf(ModelException.Unsupported.class)
          .hasMessageContaining(refusal);
      return;
    }
    TrainingGraph training = TrainingGraph.of(model, options);
    BatchCopies batch = new BatchCopies(model.graph(), facts, training.parameters().keySet());
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
    try (Numbers program = new Numbers(training.model(), OptLevel.NO_OPT);
        Numbers forward = new Numbers(training.forward(), OptLevel.NO_OPT)) {
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
        int[] copies = batch.firstCopies(parameter.getKey(), gradient.length);
        String difference = check(forward, feeds, weights, gradient, copies, random, targets, loss);
        if (difference != null) {
          wrong.add(parameter.getKey().name() + ": " + difference);
        }
        String lost = checkZeroes(forward, feeds, weights, gradient, random, targets, loss);
        if (lost != null) {
          wrong.add(parameter.getKey().name() + ": " + lost);
        }
      }
      assertThat(wrong).isEmpty();
    }
  }

  /**
   * Elements whose gradient is exactly zero, as where a part was forgotten: the loss must not move
   * with them either.
   */
  private static String checkZeroes(
      Numbers forward,
      Map<String, Numbers.Fed> feeds,
      double[] weights,
      double[] gradient,
      Random random,
      List<double[]> targets,
      double loss)
      throws Exception {
    double[] direction = new double[gradient.length];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = gradient[i] == 0 ? random.nextGaussian() : 0;
    }
    double length = norm(direction);
    if (length == 0) {
      return null;
    }
    double step = QUICK * Math.max(norm(weights), 0.1 * Math.sqrt(weights.length));
    double slope = quotient(forward, feeds, weights, direction, step / length, targets) / length;
    double allowed = UNSEEN * norm(gradient) + ROUNDING * Math.max(1, loss) / step;
    return Math.abs(slope) <= allowed ? null : "0 should be " + slope;
  }

  /**
   * Along the gradient itself the slope would be right too if a part of the gradient were missing:
   * its elements are weighted at random. Copies for each sample of a batch move together: the
   * gradient of each is that of all.
   *
   * @param copies for each element the first of its copies
   */
  private static String check(
      Numbers forward,
      Map<String, Numbers.Fed> feeds,
      double[] weights,
      double[] gradient,
      int[] copies,
      Random random,
      List<double[]> targets,
      double loss)
      throws Exception {
    double[] direction = new double[gradient.length];
    double slope = 0;
    for (int i = 0; i < direction.length; i++) {
      if (copies[i] == i) {
        direction[i] = gradient[i] * (0.25 + 1.5 * random.nextDouble());
        slope += gradient[i] * direction[i];
      } else {
        direction[i] = direction[copies[i]];
      }
    }
    double norm = norm(direction);
    if (norm == 0) {
      return null; // checkZeroes looks at it
    }
    slope /= norm;
    double size = Math.max(norm(weights), 0.1 * Math.sqrt(weights.length));
    double quick = quotient(forward, feeds, weights, direction, QUICK * size / norm, targets);
    if (Math.abs(quick / norm - slope) <= CURVATURE * slope) {
      return null;
    }
    String difference = null;
    for (double part :
        STEPS) { // sharp bends of the loss want small steps, flat stretches large ones
      double step = part * size;
      double expected =
          (4 * quotient(forward, feeds, weights, direction, step / 2 / norm, targets)
                  - quotient(forward, feeds, weights, direction, step / norm, targets))
              / 3
              / norm;
      double allowed = CURVATURE * slope + ROUNDING * Math.max(1, loss) / step;
      if (Math.abs(expected - slope) <= allowed) {
        return null;
      }
      difference = slope + " should be " + expected;
    }
    return difference;
  }

  private static double quotient(
      Numbers forward,
      Map<String, Numbers.Fed> feeds,
      double[] weights,
      double[] direction,
      double step,
      List<double[]> targets)
      throws Exception {
    double[] before = weights.clone();
    double[] losses = new double[2];
    for (int side = 0; side < 2; side++) {
      for (int i = 0; i < weights.length; i++) {
        weights[i] = before[i] + (side == 0 ? step : -step) * direction[i];
      }
      losses[side] = loss(forward.run(feeds), 0, targets);
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
