package io.gohsp.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.engine.OrtEngine;
import io.gohsp.fixture.Fixture;
import io.gohsp.ort.Device;
import io.gohsp.ort.OrtOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX Runtime and ND4J share no kernel: what both find is right. */
class EnginesAgreeTest {
  /** Quantised, control flow around the network, or recurrent. */
  private static final Set<String> NOT_TRAINABLE =
      Set.of(
          "hf_detr_detection", // CumSum: ND4J does not execute it
          "hf_dinov3", // If has no gradient rule
          "hf_hubert_dynamo", // ND4J's plan needs extents that are too long a formula of the
          // samples
          "hf_vit__int8_dynamic_perchannel",
          "hf_wavlm",
          "neg_lstm",
          "timm_vit__if_captured",
          "timm_vit__int4_matmulnbits",
          "timm_vit__int8_qdq");

  /** Sums of some thousand products in single precision, in another order. */
  private static final double TOLERANCE = 2e-4;

  /**
   * The same against the whole gradient: some gradients vanish (keys' biases do not change what
   * softmax returns), and what is left of them is rounding.
   */
  private static final double FLOOR = 1e-6;

  static Stream<Fixture> fixtures() {
    return Fixture.sample("EnginesAgreeTest").stream()
        .filter(fixture -> !NOT_TRAINABLE.contains(fixture.name()));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void onLossAndGradients(Fixture fixture) {
    OrtOptions options = OrtOptions.DEFAULT.withThreads(1);
    TrainingRun run = TrainingRun.of(fixture.model(), fixture.inputTensors(), fixture.outputs());
    Map<String, float[]> expected = run.run(new OrtEngine(options));
    Map<String, float[]> found = run.run(new Nd4jEngine(Device.CPU));
    double whole = 0;
    for (Map.Entry<String, float[]> entry : expected.entrySet()) {
      whole += entry.getKey().equals("loss") ? 0 : squares(entry.getValue(), null);
    }
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, float[]> entry : expected.entrySet()) {
      double difference = Math.sqrt(squares(entry.getValue(), found.get(entry.getKey())));
      double size = Math.sqrt(squares(entry.getValue(), null));
      if (!(difference <= TOLERANCE * size + FLOOR * Math.sqrt(whole))) {
        wrong.add(entry.getKey() + ": differs by " + difference + " of " + size);
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static double squares(float[] a, float @Nullable [] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = b == null ? a[i] : (double) a[i] - b[i];
      sum += difference * difference;
    }
    return sum;
  }
}
