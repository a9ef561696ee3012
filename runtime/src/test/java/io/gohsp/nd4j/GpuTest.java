package io.gohsp.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gohsp.engine.Engine;
import io.gohsp.engine.FlatVector;
import io.gohsp.ort.Device;
import io.gohsp.text.OnnxText;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With -Pcuda, on a machine with a GPU that ND4J has code for, in a process of its own. */
@Tag("gpu")
class GpuTest {
  @Test
  void parametersStayOnTheGpuAndComeBackWhenAsked() {
    Nd4jEngine engine = new Nd4jEngine(Device.AUTO);
    assumeTrue(engine.backend().device() instanceof Device.Cuda, "a GPU for ND4J");
    FlatVector weights = FlatVector.allocate(4);
    FlatVector results = FlatVector.allocate(4);
    weights.floats().put(new float[] {1, 2, 3, 4});
    try (Engine.Executable program =
        engine.compile(
            "product",
            OnnxText.parse(
                """
                <ir_version: 8, opset_import: ["" : 17]>
                product (float[2,2] w) => (float[2,2] y) { y = MatMul(w, w) }
                """),
            Map.of("w", weights.slice(0, 2, 2)),
            Map.of("y", results.slice(0, 2, 2)))) {
      program.run(Map.of());
      assertThat(floats(results)).containsExactly(7, 10, 15, 22);
      weights.array().muli(2);
      program.run(Map.of());
      assertThat(floats(results)).containsExactly(28, 40, 60, 88);
    }
  }

  private static float[] floats(FlatVector vector) {
    float[] values = new float[vector.size()];
    vector.floats().get(values);
    return values;
  }
}
