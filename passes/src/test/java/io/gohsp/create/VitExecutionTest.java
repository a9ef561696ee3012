package io.gohsp.create;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.gohsp.io.OnnxReader;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs what was built in ONNX Runtime. */
class VitExecutionTest {
  /** All sizes differ, so that no axis can pass for another. */
  private static final VitArchitecture SIZE = new VitArchitecture(8, 3, 4, 12, 2, 3, 20, 7);

  /**
   * Logits are about 1; float rounding over sums of at most 48 terms and two blocks stays well
   * below.
   */
  private static final double TOLERANCE = 2e-5;

  private final Random random = new Random(3);
  private final Model model = VitBuilder.build(SIZE, 1);
  private final Map<String, float[]> weights = new LinkedHashMap<>();

  /**
   * The first values are too tame to tell right from wrong: biases do nothing, attention is even.
   */
  VitExecutionTest() {
    for (Value value : model.graph().initializers()) {
      Tensor tensor = Objects.requireNonNull(value.constant());
      if (tensor.type().isFloating() && tensor.size() > 1) {
        float[] values = randoms((int) tensor.size());
        value.setConstant(Tensor.ofFloats(tensor.dims(), values));
        weights.put(value.name(), values);
      }
    }
  }

  private float[] randoms(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (0.5 * random.nextGaussian());
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_OPT", "ALL_OPT"})
  void computesAVisionTransformerForAnyBatch(OptLevel level) throws OrtException {
    int pixels = 3 * 8 * 8;
    for (int batch : new int[] {1, 3}) {
      float[] images = randoms(batch * pixels);
      float[][] logits = run(OnnxWriter.toBytes(model), level, images, batch);

      assertThat(logits).hasNumberOfRows(batch);
      for (int i = 0; i < batch; i++) {
        float[] image = new float[pixels];
        System.arraycopy(images, i * pixels, image, 0, pixels);
        double[] expected = new PlainVit(SIZE, weights).logits(image);
        for (int c = 0; c < SIZE.classes(); c++) {
          assertThat((double) logits[i][c]).isCloseTo(expected[c], within(TOLERANCE));
        }
      }
    }
  }

  private static float[][] run(byte[] bytes, OptLevel level, float[] images, int batch)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(level);
      long[] shape = {batch, 3, 8, 8};
      try (OrtSession session = environment.createSession(bytes, options);
          OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
          OrtSession.Result result = session.run(Map.of("image", input))) {
        return (float[][]) result.get(0).getValue();
      }
    }
  }

  @Test
  void writesTheSameFileForTheSameSeed() {
    byte[] first = OnnxWriter.toBytes(VitBuilder.build(SIZE, 5));

    assertThat(OnnxWriter.toBytes(VitBuilder.build(SIZE, 5))).isEqualTo(first);
    assertThat(OnnxWriter.toBytes(OnnxReader.read(first, null))).isEqualTo(first);
  }
}
