package io.gohsp.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.autodiff.Loss;
import io.gohsp.importance.SensitivityGraph;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.text.OnnxText;
import io.gohsp.workers.Shards;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossGradientsTest {
  /** Two layers, one after the other, with channels of which each counts differently. */
  private static final String LAYERS =
      """
      <ir_version: 8, opset_import: ["": 17]>
      layers (float[batch, 3, 2] x) => (float[batch, 3, 2] y)
        <float[2, 2] w = {1, 2, 3, 4}, float[2] scale = {1, 10}, float[2, 2] v = {0, 1, 1, 0}>
      {
        hidden = MatMul(x, w)
        scaled = Mul(hidden, scale)
        y = MatMul(scaled, v)
      }
      """;

  /**
   * The loss is the sum of all numbers with random signs: its derivative by each of them is ±1 at
   * the end, and ±1 or ±10 at the first layer. Three tokens add up, whatever the batch.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void outputsHaveTheSquaresOfTheirGradients(int batch) {
    Model model = OnnxText.parse(LAYERS);
    WorkingModel working = WorkingModel.normalized(model);
    LossGradients gradients =
        LossGradients.measure(
            working,
            new Loss.Projection(working.model().graph().outputs().get(0), 1),
            List.of(
                new SensitivityGraph.Channels("hidden", false),
                new SensitivityGraph.Channels("y", false),
                new SensitivityGraph.Channels("nowhere", false)),
            RandomArrays.of("x", List.of(3, 2), 4, 0).calibration(batch),
            Shards.HERE);

    assertThat(gradients.outputs()).containsOnlyKeys("hidden", "y");
    assertThat(gradients.outputs().get("hidden"))
        .containsExactly(new double[] {3, 300}, within(1e-4));
    assertThat(gradients.outputs().get("y")).containsExactly(new double[] {3, 3}, within(1e-4));
  }
}
