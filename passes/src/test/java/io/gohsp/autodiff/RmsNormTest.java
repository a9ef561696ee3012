package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.ir.Model;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import io.gohsp.text.OnnxText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Norms by the root of the mean square that ONNX Runtime has fused with the residual stream: after
 * lowering, each is one SimplifiedLayerNormalization, ONNX Runtime's operator in the standard
 * domain, which any operator set may hold. Their gradients against differences of the fused kernel.
 */
class RmsNormTest {
  /** Rounding in float: see {@link GradientRulesTest}. */
  private static final double STEP = 1.0 / 32;

  private static final double TOLERANCE = 5e-4;

  /** The second norm reads the sum that the first one returns. */
  private static final String NODES =
      """
        h = MatMul(x, w)
        n, , , s = com.microsoft.SkipSimplifiedLayerNormalization<epsilon = 0.05>(h, x, g, b)
        m = MatMul(n, w)
        y = com.microsoft.SkipSimplifiedLayerNormalization<epsilon = 0.05>(m, s, k)
      """;

  private static final Map<String, long[]> WEIGHTS = new LinkedHashMap<>();

  static {
    WEIGHTS.put("w", new long[] {4, 4});
    WEIGHTS.put("g", new long[] {4});
    WEIGHTS.put("b", new long[] {4});
    WEIGHTS.put("k", new long[] {4});
  }

  private static Model fused(int opset) {
    return OnnxText.parse(
        "<ir_version: 10, opset_import: [\"\" : %d, \"com.microsoft\" : 1]>\n".formatted(opset)
            + "g (float[2,3,4] x, float[4,4] w, float[4] g, float[4] b, float[4] k)"
            + " => (float[2,3,4] y)\n{\n"
            + NODES
            + "}");
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 20, 21, 23})
  void gradientsAreThoseOfTheFusedKernel(int opset) throws Exception {
    Random random = new Random(opset);
    Map<String, Numbers.Fed> feeds = new LinkedHashMap<>();
    feeds.put("x", fed(random, 2, 3, 4));
    WEIGHTS.forEach((name, dims) -> feeds.put(name, fed(random, dims)));
    double[] target = random.doubles(24, -2, 2).toArray();

    Model model = fused(opset);
    for (Value input : List.copyOf(model.graph().inputs()).subList(1, 5)) {
      model.graph().markInitializer(input, constant(feeds.get(input.name())));
    }
    TrainingGraph training =
        TrainingGraph.of(
            model, TrainingOptions.of(new Loss.FeatureMatch(model.graph().outputs().get(0), 1)));
    assertThat(training.model().graph().nodes())
        .extracting(node -> node.op())
        .contains(OpId.of("SimplifiedLayerNormalization"))
        .allSatisfy(op -> assertThat(op.domain()).isEmpty());
    assertThat(training.parameters()).hasSameSizeAs(WEIGHTS.keySet());

    Map<String, Numbers.Fed> jointFeeds = new LinkedHashMap<>();
    feeds.forEach(jointFeeds::put);
    jointFeeds.put(training.targets().get(0).name(), new Numbers.Fed(new long[] {2, 3, 4}, target));
    try (Numbers joint = new Numbers(training.model());
        Numbers kernel = new Numbers(fused(opset))) {
      List<double[]> results = joint.run(jointFeeds);
      assertThat(results.get(0)[0]).isCloseTo(loss(kernel, feeds, target), within(1e-5));
      int at = 1;
      for (Value parameter : training.parameters().keySet()) {
        double[] gradient = results.get(at++);
        double[] values = feeds.get(parameter.name()).values();
        for (int i = 0; i < values.length; i++) {
          double expected =
              (4 * quotient(kernel, feeds, target, values, i, STEP / 2)
                      - quotient(kernel, feeds, target, values, i, STEP))
                  / 3;
          assertThat(gradient[i])
              .as("d%s[%d]", parameter.name(), i)
              .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
        }
      }
    }
  }

  private static double quotient(
      Numbers kernel,
      Map<String, Numbers.Fed> feeds,
      double[] target,
      double[] values,
      int index,
      double step)
      throws Exception {
    double value = values[index];
    values[index] = value + step;
    double above = loss(kernel, feeds, target);
    values[index] = value - step;
    double below = loss(kernel, feeds, target);
    values[index] = value;
    return (above - below) / (2 * step);
  }

  private static double loss(Numbers kernel, Map<String, Numbers.Fed> feeds, double[] target)
      throws Exception {
    double[] y = kernel.run(feeds).get(0);
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += (y[i] - target[i]) * (y[i] - target[i]);
    }
    return sum / y.length;
  }

  private static Numbers.Fed fed(Random random, long... dims) {
    int count = 1;
    for (long dim : dims) {
      count *= (int) dim;
    }
    return new Numbers.Fed(dims, random.doubles(count, -1, 1).toArray());
  }

  private static Tensor constant(Numbers.Fed fed) {
    float[] values = new float[fed.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) fed.values()[i];
    }
    return Tensor.ofFloats(fed.dims(), values);
  }
}
