package io.gohsp.autodiff;

import static io.gohsp.text.GraphAssert.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.lower.Lowering;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks and windows of the standard Attention, taken apart, and rows in which nothing is seen. */
class StandardAttentionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bool_mask",
        "mask_per_sample",
        "infinite_bias",
        "lowest_bias",
        "causal_and_mask",
        "left_window",
        "right_window",
        "windows_and_mask",
        "softcap"
      })
  void computesWhatTheStandardSays(String name) throws Exception {
    Model model = OnnxReader.read(Path.of("../testdata/cases/attention", name + ".onnx"));
    try (Numbers lowered = new Numbers(Lowering.of(model).model())) {
      List<double[]> results = lowered.run(Map.of());
      assertThat(results.get(0)).hasSameSizeAs(results.get(1));
      for (int i = 0; i < results.get(0).length; i++) {
        assertThat(results.get(0)[i]).isCloseTo(results.get(1)[i], within(1e-6));
      }
    }
  }

  private static final String HEAD =
      "g (float[2,4] x) => (float[2,2] y) <float[4,3] w = {0.1,0.2,0.3,0.4,0.5,0.6,-0.7,-0.8,-0.9,1,0.2,0.4},"
          + " float[3,2] v = {1,2,3,4,5,7}, float[2,3] m = %s, float zero = {0}> {\n";

  /** The second row is hidden from end to end, and zeros take its place. */
  private static final String SAFE =
      HEAD.formatted("{0, -inf, 0, -inf, -inf, -inf}")
          + """
          q = MatMul(x, w)
          s = Add(q, m)
          p = Softmax<axis = -1>(s)
          n = IsNaN(p)
          r = Where(n, zero, p)
          y = MatMul(r, v)
          }
          """;

  private static final String FINITE =
      HEAD.formatted("{0, -1e30, 0, 0, 0, 0}")
          + """
          q = MatMul(x, w)
          s = Add(q, m)
          p = Softmax<axis = -1>(s)
          keep = Constant<value = float[2,1] {1, 0}>()
          r = Mul(p, keep)
          y = MatMul(r, v)
          }
          """;

  @Test
  void hiddenRowsHaveGradientsOfZero() throws Exception {
    List<double[]> safe = gradients(parse(SAFE));
    List<double[]> finite = gradients(parse(FINITE));
    assertThat(safe).hasSameSizeAs(finite);
    for (int i = 0; i < safe.size(); i++) {
      assertThat(safe.get(i)).hasSameSizeAs(finite.get(i));
      for (int j = 0; j < safe.get(i).length; j++) {
        assertThat(safe.get(i)[j]).isCloseTo(finite.get(i)[j], within(1e-6));
      }
    }
  }

  /** Loss, and the gradients of the two matrices. */
  private static List<double[]> gradients(Model model) throws Exception {
    Value y = model.graph().outputs().get(0);
    TrainingGraph training =
        TrainingGraph.of(
            model,
            new TrainingOptions(
                value -> value.name().equals("w") || value.name().equals("v"),
                List.of(new Loss.FeatureMatch(y, 1)),
                List.of()));
    Map<String, Numbers.Fed> feeds = new LinkedHashMap<>();
    feeds.put(
        "x", new Numbers.Fed(new long[] {2, 4}, new double[] {1, -2, 3, 0.5, 0.1, 0.2, 0.3, 0.4}));
    feeds.put(
        training.targets().get(0).name(),
        new Numbers.Fed(new long[] {2, 2}, new double[] {0.1, 0.2, 0.3, 0.4}));
    training
        .parameters()
        .forEach(
            (from, input) ->
                feeds.put(input.name(), Numbers.Fed.of(Objects.requireNonNull(from.constant()))));
    try (Numbers numbers = new Numbers(training.model())) {
      return numbers.run(feeds);
    }
  }
}
