package io.gohsp.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.autodiff.Loss;
import io.gohsp.data.DataException;
import io.gohsp.importance.SensitivityGraph;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.text.OnnxText;
import io.gohsp.workers.Shards;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
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
    LossGradients gradients = measure(RandomArrays.of("x", List.of(3, 2), 4, 0).calibration(batch));

    assertThat(gradients.outputs()).containsOnlyKeys("hidden", "y");
    assertThat(gradients.outputs().get("hidden"))
        .containsExactly(new double[] {3, 300}, within(1e-4));
    assertThat(gradients.outputs().get("y")).containsExactly(new double[] {3, 3}, within(1e-4));
  }

  private static LossGradients measure(Calibration calibration) {
    WorkingModel working = WorkingModel.normalized(OnnxText.parse(LAYERS));
    return LossGradients.measure(
        working,
        new Loss.Projection(working.model().graph().outputs().get(0), 1),
        List.of(
            new SensitivityGraph.Channels("hidden", false),
            new SensitivityGraph.Channels("y", false),
            new SensitivityGraph.Channels("nowhere", false)),
        calibration,
        Shards.HERE);
  }

  private static Calibration damaged(int size, Set<Integer> rows) {
    RandomArrays whole = RandomArrays.of("x", List.of(3, 2), size, 0);
    return whole.calibration(4, unused -> new DamagedArrays(whole, rows));
  }

  /** One more sample than a shard has, and it cannot be used. */
  @Test
  void aDamagedSampleAtTheEndIsLeftOut() {
    assertThat(measure(damaged(65, Set.of(64))).outputs().get("hidden"))
        .containsExactly(new double[] {3, 300}, within(1e-4));
  }

  /** Six in each of two shards. */
  @Test
  void damagedSamplesAreLimitedOverAllShards() {
    Set<Integer> rows =
        IntStream.range(0, 12).mapToObj(i -> 10 * i + 5).collect(Collectors.toSet());
    assertThatThrownBy(() -> measure(damaged(130, rows)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("more than 10 of 130 samples cannot be read");
  }
}
