package io.gohsp.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.fixture.FixtureNames;
import io.gohsp.io.OnnxReader;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Gradients of all parameters against PyTorch's in float64; {@code make_gradients.py} made them.
 */
class PyTorchGradientsTest {
  private static final Path GRADIENTS = Path.of("..", "testdata", "gradients");

  /** Of float arithmetic through two blocks, relative to a gradient's largest element. */
  private static final double TOLERANCE = 1e-4;

  /** A gradient that is zero but for rounding, as of the bias of keys; relative to the loss. */
  private static final double ZERO = 1e-6;

  @Test
  void visionTransformer() throws Exception {
    String name = "timm_vit_legacy_op17_unfused";
    Model model = OnnxReader.read(FixtureNames.ROOT.resolve(name).resolve("model.onnx"));
    Value logits = model.graph().outputs().get(0);
    List<Loss> losses =
        List.of(new Loss.CrossEntropy(logits, 0.1f, 1), new Loss.Distillation(logits, 2, 0.5f));
    compare(name, model, losses, List.of("labels", "teacher_logits"));
  }

  @Test
  void bert() throws Exception {
    String name = "hf_bert_eager_legacy";
    Model model = OnnxReader.read(FixtureNames.ROOT.resolve(name).resolve("model.onnx"));
    List<Loss> losses = new ArrayList<>();
    model.graph().outputs().forEach(output -> losses.add(new Loss.FeatureMatch(output, 1)));
    compare(name, model, losses, List.of("target_0", "target_1"));
  }

  private static void compare(String name, Model model, List<Loss> losses, List<String> targets)
      throws Exception {
    TrainingGraph training =
        TrainingGraph.of(model, new TrainingOptions(Parameters::trainable, losses, List.of()));
    Map<String, Tensor> expected = new LinkedHashMap<>();
    OnnxReader.read(GRADIENTS.resolve(name + ".onnx"))
        .graph()
        .initializers()
        .forEach(value -> expected.put(value.name(), value.constant()));
    Map<String, Numbers.Fed> feeds = new LinkedHashMap<>();
    Path folder = FixtureNames.ROOT.resolve(name);
    int index = 0;
    for (Value input : training.inputs().values()) {
      Tensor given = FixtureGradientsTest.read(folder.resolve("input_" + index++ + ".pb"));
      feeds.put(input.name(), Numbers.Fed.of(given));
    }
    for (int i = 0; i < targets.size(); i++) {
      feeds.put(training.targets().get(i).name(), Numbers.Fed.of(expected.remove(targets.get(i))));
    }
    training
        .parameters()
        .forEach((from, to) -> feeds.put(to.name(), Numbers.Fed.of(ConstantValue.of(from))));
    double loss = expected.remove("loss").floats()[0];
    try (Numbers program = new Numbers(training.model())) {
      List<double[]> results = program.run(feeds);
      assertThat(results.get(0)[0]).isCloseTo(loss, within(TOLERANCE * loss));
      int at = 1;
      for (Value parameter : training.parameters().keySet()) {
        Tensor reference = expected.remove("d " + parameter.name());
        assertThat(reference).as(parameter.name()).isNotNull();
        assertThat(reference.dims()).isEqualTo(ConstantValue.of(parameter).dims());
        compare(parameter.name(), reference.floats(), results.get(at++), loss);
      }
    }
    assertThat(expected).as("parameters without gradient").isEmpty();
  }

  private static void compare(String name, float[] expected, double[] actual, double loss) {
    double largest = 0;
    for (float element : expected) {
      largest = Math.max(largest, Math.abs(element));
    }
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i])
          .as("%s[%d]", name, i)
          .isCloseTo(expected[i], within(TOLERANCE * largest + ZERO * loss));
    }
  }
}
