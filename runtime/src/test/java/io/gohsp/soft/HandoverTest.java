package io.gohsp.soft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.calibration.Calibration;
import io.gohsp.data.Augmentation;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preparation;
import io.gohsp.engine.FlatVector;
import io.gohsp.engine.OrtEngine;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.ort.OrtOptions;
import io.gohsp.plan.PruningPlan;
import io.gohsp.recover.RecoverySettings;
import io.gohsp.selection.Budget;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.selection.SelectionOptions;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import io.gohsp.train.Agreement;
import io.gohsp.train.ParameterStore;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class HandoverTest {
  private static final int NEURONS = 24;
  private static final String FC1 = "blocks.0.mlp.fc1.weight"; // [neurons, inputs]
  private static final String FC2 = "blocks.0.mlp.fc2.weight"; // [outputs, neurons]
  private static final OrtOptions ORT = OrtOptions.DEFAULT.withThreads(1).withDeterministic(true);

  private static ParameterStore store(Model model) {
    return ParameterStore.of(
        model.graph().initializers().stream()
            .filter(value -> Objects.requireNonNull(value.constant()).type() == ElementType.FLOAT)
            .toList());
  }

  private static Calibration calibration() {
    return new Calibration(
        inputs -> Preparation.STANDARD.samples(Digits.dataset(96), inputs, Augmentation.NONE),
        16,
        ORT,
        0);
  }

  private static ParameterStore.Entry entry(ParameterStore store, String name) {
    return store.entries().stream()
        .filter(entry -> entry.parameter().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Neuron 9 of the first block says the same as neuron 4. */
  private static Model repeating() {
    Model model = Digits.sharp();
    for (Value value : model.graph().initializers()) {
      if (value.name().equals(FC1)) {
        float[] numbers = Objects.requireNonNull(value.constant()).floats();
        int width = numbers.length / NEURONS;
        System.arraycopy(numbers, 4 * width, numbers, 9 * width, width);
        value.setConstant(Tensor.ofFloats(value.constant().dims(), numbers));
      }
    }
    return model;
  }

  @Test
  void aCopyTakesOverAllOfIt() {
    Model model = repeating();
    WorkingModel working = WorkingModel.normalized(model);
    ParameterStore store = store(model);
    Handover handover =
        Handover.of(
            working, new PlanMask(working, store), calibration(), new RecoverySettings(1e-7));
    FlatVector marked = store.vector();
    FloatBuffer goes = entry(store, FC2).in(marked).floats();
    for (int i = 9; i < goes.limit(); i += NEURONS) {
      goes.put(i, 1);
    }
    float[] all = Digits.numbers(store.weights());
    float[] before = Digits.numbers(store, FC2, store.weights());

    handover.mark(marked);
    handover.apply(0.25);

    float[] after = Digits.numbers(store, FC2, store.weights());
    for (int i = 0; i < after.length; i++) {
      float gained = i % NEURONS == 4 ? before[i + 5] / 4 : 0;
      assertThat(after[i]).as("element %d", i).isCloseTo(before[i] + gained, within(1e-4f));
    }
    // What goes is left alone, and so is every other layer.
    System.arraycopy(after, 0, all, entry(store, FC2).offset(), after.length);
    assertThat(Digits.numbers(store.weights())).isEqualTo(all);
  }

  /** How far off the model is after two fifths of it have faded away, while it is not trained. */
  private static double divergence(boolean handover) {
    Model model = Digits.sharp();
    Model student = ModelCopy.of(model).model();
    WorkingModel working = WorkingModel.normalized(model);
    PruningPlan plan =
        PlanSelector.select(
            working,
            MagnitudeImportance.of(working),
            SelectionOptions.of(Budget.params("0.6")),
            Map.of());
    ParameterStore store = store(student);
    int steps = 50;
    SoftPruning rule =
        new SoftPruning(
            working,
            store,
            plan,
            SoftSettings.STANDARD.withHandover(handover),
            calibration(),
            steps,
            (step, remaining) -> {});
    for (int step = 0; step < steps; step++) {
      rule.afterUpdate(step, 1e-3);
    }
    assertThat(rule.remaining().worst()).isLessThan(1e-2);
    store.writeBack(store.weights());
    return Agreement.of(
            model,
            student,
            Preparation.STANDARD.samples(
                Digits.dataset(200), ModelInputs.of(model), Augmentation.NONE),
            16,
            new OrtEngine(ORT),
            null)
        .divergence();
  }

  @Test
  void keepsWhatTheModelSays() {
    assertThat(divergence(true)).isLessThan(divergence(false) / 2);
  }
}
