package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.gohsp.ir.IrVerifier;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.ShapeInference;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.OnnxText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule against central differences of ONNX Runtime's forward kernels. */
class GradientRulesTest {
  private static final Map<String, Long> SYMBOLS = Map.of("B", 2L, "N", 3L, "M", 2L);

  /** In double, the difference quotient is off by about STEP² and 1e-16 / STEP. */
  private static final double STEP = 1e-5;

  private static final double TOLERANCE = 1e-7;

  /**
   * In float, where ONNX Runtime has no double kernel, rounding is off by about 1e-7 / FLOAT_STEP
   * for each unit of the result; two steps are extrapolated to none, which leaves FLOAT_STEP⁴.
   */
  private static final double FLOAT_STEP = 1.0 / 32;

  private static final double FLOAT_TOLERANCE = 5e-4;

  /** Random networks for each operator. */
  private static final int DRAWS = 20;

  /** RMSNormalization is new in it; what the other operators mean did not change since 20. */
  private static final Map<String, Integer> NEWER = Map.of("RMSNormalization", 23);

  static Stream<String> networks() {
    return SmallNetworks.all();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void agreesWithDifferences(String network) throws Exception {
    check(network, 20);
  }

  static Stream<Arguments> draws() {
    return RandomNetworks.operators().stream()
        .flatMap(
            operator ->
                IntStream.range(0, DRAWS)
                    .mapToObj(seed -> Arguments.of(operator, RandomNetworks.of(operator, seed))));
  }

  @ParameterizedTest
  @MethodSource("draws")
  void agreesWithDifferencesForAnyShape(String operator, String network) throws Exception {
    check(network, NEWER.getOrDefault(operator, 20));
  }

  /** A rule without random networks, or networks for a rule that is gone. */
  @Test
  void everyRuleIsTested() {
    Set<String> rules = new TreeSet<>();
    GradientRules.standard().operators().forEach(op -> rules.add(op.type()));
    assertThat(RandomNetworks.operators()).containsExactlyInAnyOrderElementsOf(rules);
    for (String operator : rules) {
      for (int seed = 0; seed < DRAWS; seed++) {
        assertThat(model(RandomNetworks.of(operator, seed), 20).graph().nodes())
            .as("what the row of %s calls", operator)
            .extracting(node -> node.op().type())
            .containsExactly(operator);
      }
    }
  }

  @Test
  void listsAllOperatorsWithoutRule() {
    Model model =
        model(
            "float[2,3] a, float[2,3] b | t = Det(a); u = Mod<fmod = 1>(a, b); v = Tan(u); y = Floor(b)",
            20);
    Value output = model.graph().nodes().get(2).output();
    Value seed = model.graph().addInput("seed", output.type());
    assertThatThrownBy(
            () ->
                Backward.append(
                    model.graph(),
                    ShapeInference.of(model),
                    Map.of(output, seed),
                    model.graph().inputs().subList(0, 2)))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("Mod")
        .hasMessageContaining("Tan")
        .hasMessageNotContaining("Det");
  }

  private static void check(String network, int opset) throws Exception {
    Model forward = model(network, opset);
    List<Value> outputs = new ArrayList<>();
    for (Node node : forward.graph().nodes()) {
      node.presentOutputs().filter(v -> v.name().startsWith("y")).forEach(outputs::add);
    }
    outputs.forEach(forward.graph()::addOutput);
    ModelCopy copy = ModelCopy.of(forward);
    Model joint = copy.model();
    ShapeFacts facts = ShapeInference.of(joint);
    Map<Value, Value> seeds = new LinkedHashMap<>();
    Map<String, Numbers.Fed> feeds = new LinkedHashMap<>();
    Random random = new Random(7);
    List<Value> wanted = joint.graph().inputs();
    for (Value input : wanted) {
      feeds.put(input.name(), random(facts.shape(input), input.name().startsWith("p"), random));
    }
    List<Value> results = joint.graph().outputs();
    for (Value output : results) {
      Value seed =
          joint
              .graph()
              .addInput("d" + output.name(), new ValueType.TensorType(facts.type(output), null));
      seeds.put(output, seed);
    }
    List<double[]> dys = new ArrayList<>();
    Map<Value, Value> gradients = Backward.append(joint.graph(), facts, seeds, wanted);
    assertThat(gradients.keySet()).containsExactlyElementsOf(wanted);
    IrVerifier.verify(joint);
    joint.graph().clearOutputs();
    for (Value gradient : gradients.values()) { // two may be one value, or a seed
      joint
          .graph()
          .addOutput(joint.graph().append(OpId.of("Identity"), "gradient", gradient).output());
    }
    try (Numbers before = new Numbers(forward, OptLevel.NO_OPT);
        Numbers after = new Numbers(joint)) {
      List<double[]> ys = before.run(feeds);
      Map<String, Numbers.Fed> jointFeeds = new LinkedHashMap<>(feeds);
      for (int i = 0; i < results.size(); i++) {
        double[] dy = random.doubles(ys.get(i).length, -1, 1).toArray();
        dys.add(dy);
        jointFeeds.put(
            "d" + results.get(i).name(),
            new Numbers.Fed(dims(facts.shape(results.get(i)), ys.get(i).length), dy));
      }
      List<double[]> computed = after.run(jointFeeds);
      for (int i = 0; i < wanted.size(); i++) {
        compare(network, before, feeds, wanted.get(i), facts, dys, computed.get(i), results);
      }
    }
  }

  private static void compare(
      String network,
      Numbers forward,
      Map<String, Numbers.Fed> feeds,
      Value input,
      ShapeFacts facts,
      List<double[]> dys,
      double[] computed,
      List<Value> results)
      throws Exception {
    boolean exact =
        facts.type(input) == ElementType.DOUBLE
            && results.stream().allMatch(y -> facts.type(y) == ElementType.DOUBLE);
    double[] values = feeds.get(input.name()).values();
    assertThat(computed).hasSameSizeAs(values);
    for (int i = 0; i < values.length; i++) {
      double expected =
          exact
              ? quotient(forward, feeds, values, i, STEP, dys)
              : (4 * quotient(forward, feeds, values, i, FLOAT_STEP / 2, dys)
                      - quotient(forward, feeds, values, i, FLOAT_STEP, dys))
                  / 3;
      double scale = Math.max(1, Math.abs(expected));
      assertThat(computed[i])
          .as("d%s[%d] of %s", input.name(), i, network)
          .isCloseTo(expected, within(scale * (exact ? TOLERANCE : FLOAT_TOLERANCE)));
    }
  }

  private static double quotient(
      Numbers forward,
      Map<String, Numbers.Fed> feeds,
      double[] values,
      int index,
      double step,
      List<double[]> dys)
      throws Exception {
    double value = values[index];
    values[index] = value + step;
    double above = weighted(forward.run(feeds), dys);
    values[index] = value - step;
    double below = weighted(forward.run(feeds), dys);
    values[index] = value;
    return (above - below) / (2 * step);
  }

  private static double weighted(List<double[]> ys, List<double[]> dys) {
    double sum = 0;
    for (int i = 0; i < ys.size(); i++) {
      for (int j = 0; j < ys.get(i).length; j++) {
        sum += ys.get(i)[j] * dys.get(i)[j];
      }
    }
    return sum;
  }

  private static long[] dims(List<Size> shape, long count) {
    long[] dims = new long[shape.size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape.get(i).evaluate(SYMBOLS).orElse(-1);
      if (dims[i] > 0) {
        count /= dims[i];
      }
    }
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dims[i] < 0 ? count : dims[i];
    }
    return dims;
  }

  /** Values of which no two are closer than a step, and none is that close to zero. */
  private static Numbers.Fed random(List<Size> shape, boolean positive, Random random) {
    long[] dims = dims(shape, 1);
    int count = 1;
    for (long dim : dims) {
      count *= (int) dim;
    }
    List<Double> grid = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double at = (i + 0.5 + 0.2 * random.nextDouble()) / count;
      grid.add(positive ? 0.5 + 1.5 * at : (at < 0.5 ? at - 0.55 : at - 0.45) * 2);
    }
    Collections.shuffle(grid, random);
    return new Numbers.Fed(dims, grid.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** {@code inputs <initializers> | nodes}; nodes are separated by semicolons. */
  private static Model model(String network, int opset) {
    String[] parts = network.split("\\|", 2);
    String[] operands = parts[0].strip().split("<", 2);
    String initializers = operands.length == 1 ? "" : "<" + operands[1];
    return OnnxText.parse(
        "<ir_version: 10, opset_import: [\"\" : "
            + opset
            + "]>\ng ("
            + operands[0]
            + ") => () "
            + initializers
            + "\n{\n"
            + parts[1].replace(";", "\n")
            + "\n}");
  }
}
