package io.gohsp.recover;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType.TensorType;
import io.gohsp.linear.Activation;
import io.gohsp.linear.InputGraph;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.ort.OrtProgram;
import io.gohsp.rewrite.GraphBuilder;
import io.gohsp.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of many rows statistics look at. */
class SampledRowsTest {
  private static Model reading(int opset) {
    Model model = new Model("reading", null);
    model.setIrVersion(8);
    model.opsets().put("", (long) opset);
    Graph graph = model.graph();
    Value x =
        graph.addInput("x", new TensorType(ElementType.FLOAT, List.of(Dim.of("rows"), Dim.of(1))));
    graph.addOutput(GraphBuilder.appendingTo(graph).op("Neg", x));
    return model;
  }

  private static float[] taken(int rows, int runs, int opset) {
    Model model = reading(opset);
    Activation read = new Activation(model.graph().inputs().get(0), 1, false);
    InputGraph graph = InputGraph.of(model, List.of(read), null, runs);
    float[] numbers = new float[rows];
    for (int i = 0; i < rows; i++) {
      numbers[i] = i;
    }
    try (OrtProgram program = OrtProgram.compile(graph.model(), OrtOptions.DEFAULT)) {
      Map<String, HostTensor> results =
          program.run(Map.of("x", HostTensor.ofFloats(new long[] {rows, 1}, numbers)));
      InputGraph.Rows names = graph.activations().get(0);
      float[] taken = Objects.requireNonNull(results.get(names.rows())).floats();
      assertThat(Objects.requireNonNull(results.get(names.weights())).floats())
          .hasSize(taken.length)
          .containsOnly(1);
      return taken;
    }
  }

  /** Narrow layers are satisfied with 16,384 rows in all; of each stretch one is taken. */
  @ParameterizedTest
  @CsvSource({"100000, 1, 17, 6", "1000, 128, 17, 7", "32767, 1, 17, 1", "50000, 1, 12, 1"})
  void oneOfEachStretch(int rows, int runs, int opset, int stretch) {
    float[] taken = taken(rows, runs, opset);
    assertThat(taken).hasSize(rows / stretch);
    int[] places = new int[stretch];
    for (int i = 0; i < taken.length; i++) {
      assertThat((int) taken[i] / stretch).isEqualTo(i);
      places[(int) taken[i] % stretch]++;
    }
    assertThat(Arrays.stream(places).min().orElseThrow()).isGreaterThan(taken.length / stretch / 2);
  }
}
