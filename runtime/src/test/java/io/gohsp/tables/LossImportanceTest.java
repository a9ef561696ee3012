package io.gohsp.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.RandomArrays;
import io.gohsp.calibration.TaylorImportance;
import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.ModelInputs;
import io.gohsp.engine.OrtEngine;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.importance.Measured;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.GroupKind;
import io.gohsp.plan.Importance;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.tensor.Tensor;
import io.gohsp.train.Agreement;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables against what they stand for: how far outputs move when something is taken away. */
class LossImportanceTest {
  private static final VitArchitecture SMALL = new VitArchitecture(8, 1, 4, 12, 2, 2, 16, 4);
  private static final int SAMPLES = 512;

  private static Calibration calibration(Model model) {
    Value input = model.graph().inputs().get(0);
    return RandomArrays.of(
            input.name(), RandomArrays.sampleDims(Objects.requireNonNull(input.type())), SAMPLES, 0)
        .calibration(64);
  }

  private static Importance measure(Model model) {
    return LossImportance.measure(
        WorkingModel.normalized(model), calibration(model), null, RecoverySettings.STANDARD);
  }

  /** Weights as they are made at first move nothing far; these do. */
  private static Model model() {
    Model model = VitBuilder.build(SMALL, 3);
    for (Value value : model.graph().initializers()) {
      if (value.name().endsWith("weight") && value.name().contains("blocks")) {
        scale(model, value.name(), 0, Integer.MAX_VALUE, 3);
      }
    }
    scale(model, "head.weight", 0, Integer.MAX_VALUE, 10);
    return model;
  }

  /** Some numbers of a weight, in the order in which they are stored. */
  private static void scale(Model model, String name, int from, int to, double factor) {
    Value value =
        model.graph().initializers().stream()
            .filter(v -> v.name().equals(name))
            .findFirst()
            .orElseThrow();
    Tensor constant = Objects.requireNonNull(value.constant());
    float[] numbers = constant.floats();
    for (int i = from; i < Math.min(to, numbers.length); i++) {
      numbers[i] *= (float) factor;
    }
    value.setConstant(Tensor.ofFloats(constant.dims(), numbers));
  }

  private static double divergence(Model dense, Model other) {
    Calibration calibration = calibration(dense);
    return new Agreement.First(
            dense,
            calibration.samples().apply(ModelInputs.of(dense)),
            64,
            new OrtEngine(OrtOptions.DEFAULT.withThreads(1)),
            null)
        .with(other)
        .divergence();
  }

  /**
   * A query-key column that becomes weaker by ε costs ε² of its score. Labels that 512 samples draw
   * bring a tenth of noise to each score, hence sums over a block and 15 %.
   */
  @Test
  void queryKeyColumnsCostWhatTheDivergenceSays() {
    Model model = model();
    Importance scores = measure(model);
    double epsilon = 0.02;
    for (int block = 0; block < 2; block++) {
      double expected = 0;
      for (int column = 0; column < SMALL.dim(); column++) {
        Model weaker = ModelCopy.of(model).model();
        String weight = "blocks." + block + ".attn.qkv.weight"; // [3 · heads · columns, inputs]
        scale(weaker, weight, column * SMALL.dim(), (column + 1) * SMALL.dim(), 1 - epsilon);
        scale(weaker, "blocks." + block + ".attn.qkv.bias", column, column + 1, 1 - epsilon);
        expected += divergence(model, weaker) / epsilon / epsilon;
      }
      double actual =
          Arrays.stream(scores.blocks().get(block).qk()).flatMapToDouble(Arrays::stream).sum();
      assertThat(actual).isPositive().isCloseTo(expected, withinPercentage(15));
    }
  }

  /**
   * What brings errors at a layer's output to the loss: a column or neuron that becomes weaker by ε
   * costs ε² of half its squared derivative. The tolerance is as above.
   */
  @ParameterizedTest
  @EnumSource(names = {"V", "NEURONS"})
  void derivativesByGatesAreWhatTheDivergenceSays(GroupKind kind) {
    Model model = model();
    WorkingModel working = WorkingModel.normalized(model);
    Importance squares =
        TaylorImportance.measure(
            working, CalibrationLoss.of(working, false), Measured.GATES, calibration(model));
    double epsilon = 0.02;
    int groups = kind == GroupKind.V ? SMALL.dim() : SMALL.mlp();
    for (int block = 0; block < 2; block++) {
      double expected = 0;
      for (int group = 0; group < groups; group++) {
        Model weaker = ModelCopy.of(model).model();
        String outputs =
            "blocks." + block + (kind == GroupKind.V ? ".attn.proj.weight" : ".mlp.fc2.weight");
        for (int row = 0; row < SMALL.dim(); row++) { // [outputs, inputs]
          int at = row * groups + group;
          scale(weaker, outputs, at, at + 1, 1 - epsilon);
        }
        expected += divergence(model, weaker) / epsilon / epsilon;
      }
      double actual =
          Arrays.stream(squares.blocks().get(block).of(kind)).flatMapToDouble(Arrays::stream).sum()
              / 2;
      assertThat(actual).isPositive().isCloseTo(expected, withinPercentage(15));
    }
  }

  @Test
  void isTheSameEveryTime() {
    assertThat(measure(model())).isEqualTo(measure(model()));
  }
}
