package io.gohsp.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gohsp.autodiff.Loss;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.create.VitSize;
import io.gohsp.engine.Engine;
import io.gohsp.engine.OrtEngine;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelException;
import io.gohsp.ir.Value;
import io.gohsp.ort.Device;
import io.gohsp.ort.HostTensor;
import io.gohsp.ort.OrtOptions;
import io.gohsp.tensor.ElementType;
import io.gohsp.text.OnnxText;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class Nd4jEngineTest {
  private static final int BATCH = 4;

  @Test
  void memoryIsFlat() {
    try (Nd4jProgram program = (Nd4jProgram) created(2).compile(new Nd4jEngine(Device.CPU))) {
      TrainingRun run = created(2);
      for (int step = 0; step < 5; step++) {
        program.run(run.data());
      }
      long pooled = program.pooledElements();
      long before = physicalBytes();
      for (int step = 0; step < 80; step++) {
        program.run(run.data());
      }
      assertThat(program.pooledElements()).isEqualTo(pooled);
      // what the steps would leave behind without the pool, halved: the Java heap grows meanwhile
      assertThat(physicalBytes() - before).isLessThan(80 * pooled * Float.BYTES / 2);
    }
  }

  private static long physicalBytes() {
    return org.bytedeco.javacpp.Pointer.physicalBytes();
  }

  /** Deep enough that ONNX Runtime would overflow an ordinary stack when it is made ready. */
  @Test
  void everyLossTrainsCreatedModels() {
    for (Function<Value, Loss> loss :
        List.<Function<Value, Loss>>of(
            value -> new Loss.CrossEntropy(value, 0.1f, 1),
            value -> new Loss.CrossEntropy(value, 0, 0.5f),
            value -> new Loss.SoftCrossEntropy(value, 1),
            value -> new Loss.Distillation(value, 3, 1))) {
      TrainingRun run = created(6, loss);
      Map<String, float[]> expected = run.run(new OrtEngine(OrtOptions.DEFAULT.withThreads(1)));
      Map<String, float[]> found = run.run(new Nd4jEngine(Device.CPU));
      for (String name : List.of("loss", "head.bias", "head.weight")) {
        assertThat(found.get(name)).containsExactly(expected.get(name), within(1e-5f));
      }
    }
  }

  private static org.assertj.core.data.Offset<Float> within(float tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }

  private static TrainingRun created(int depth) {
    return created(depth, value -> new Loss.FeatureMatch(value, 1));
  }

  private static TrainingRun created(int depth, Function<Value, Loss> loss) {
    Model model =
        VitBuilder.build(
            VitArchitecture.named("vit-small")
                .with(Map.of(VitSize.DIM, 64, VitSize.DEPTH, depth, VitSize.HEADS, 4)),
            1);
    float[] image = new float[BATCH * 3 * 32 * 32];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) Math.sin(i);
    }
    return TrainingRun.of(
        model,
        List.of(loss.apply(model.graph().outputs().get(0))),
        List.of(HostTensor.ofFloats(new long[] {BATCH, 3, 32, 32}, image)),
        List.of(HostTensor.allocate(ElementType.FLOAT, BATCH, 10)));
  }

  @Test
  void namesEveryOperatorThatIsMissing() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            odd (float[2, 3] x) => (float[2, 3] y) {
              a = Asinh(x)
              b = Neg(a)
              c = Asinh(b)
              d = Acosh(c)
              y = Mod<fmod = 1>(d, x)
            }
            """);
    assertThatThrownBy(() -> new Nd4jEngine(Device.CPU).compile("odd", model, Map.of(), Map.of()))
        .isInstanceOf(ModelException.Unsupported.class)
        .hasMessageContaining("2 x Asinh (first Asinh \"-> a\")")
        .hasMessageContaining("1 x Acosh")
        .hasMessageContaining("1 x Mod")
        .hasMessageContaining("--engine ort")
        .hasMessageNotContaining("Neg");
  }

  /** A teacher is executed as its exporter wrote it. */
  @Test
  void executesFusedOperators() {
    Fixture fixture = Fixture.of("timm_vit_fused__ort_extended");
    Model model = fixture.model();
    String input = model.graph().inputs().get(0).name();
    try (Engine.Executable program =
        new Nd4jEngine(Device.CPU).compile("teacher", model, Map.of(), Map.of())) {
      HostTensor found =
          program.run(Map.of(input, fixture.inputTensors().get(0))).values().iterator().next();
      float[] expected = fixture.outputs().get(0).floats();
      assertThat(found.floats()).containsExactly(expected, within(1e-4f)); // fused in float
    }
  }

  @Test
  void saysWhichInputIsMissingOrUnknown() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            negate (float[2] x) => (float[2] y) { y = Neg(x) }
            """);
    HostTensor two = HostTensor.ofFloats(new long[] {2}, 1, 2);
    try (Engine.Executable program =
        new Nd4jEngine(Device.CPU).compile("negate", model, Map.of(), Map.of())) {
      assertThatThrownBy(() -> program.run(Map.of()))
          .isInstanceOf(ModelException.ExecutionFailed.class)
          .hasMessageContaining("no data for input \"x\"");
      assertThatThrownBy(() -> program.run(Map.of("x", two, "z", two)))
          .hasMessageContaining("there is no input \"z\"");
      assertThat(program.run(Map.of("x", two)).get("y").floats()).containsExactly(-1, -2);
    }
  }

  @Test
  void anErrorTellsTheNodeAndItsOperands() {
    Model model =
        OnnxText.parse(
            """
            <ir_version: 8, opset_import: ["" : 17]>
            sum (float[n] x, float[m] y) => (float[k] z) { z = Add(x, y) }
            """);
    try (Engine.Executable program =
        new Nd4jEngine(Device.CPU).compile("sum", model, Map.of(), Map.of())) {
      assertThatThrownBy(
              () ->
                  program.run(
                      Map.of(
                          "x", HostTensor.ofFloats(new long[] {2}, 1, 2),
                          "y", HostTensor.ofFloats(new long[] {3}, 1, 2, 3))))
          .isInstanceOf(ModelException.ExecutionFailed.class)
          .hasMessageContaining("Add \"-> z\" on FLOAT[2], FLOAT[3]");
    }
  }
}
