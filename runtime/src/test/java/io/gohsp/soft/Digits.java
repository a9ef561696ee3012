package io.gohsp.soft;

import io.gohsp.create.VitArchitecture;
import io.gohsp.create.VitBuilder;
import io.gohsp.data.Augmentation;
import io.gohsp.data.DataSource;
import io.gohsp.data.Dataset;
import io.gohsp.data.Datasets;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preparation;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.FlatVector;
import io.gohsp.engine.OrtEngine;
import io.gohsp.ir.Model;
import io.gohsp.ir.Value;
import io.gohsp.ort.OrtOptions;
import io.gohsp.tensor.Tensor;
import io.gohsp.train.Objective;
import io.gohsp.train.ParameterStore;
import io.gohsp.train.Recipe;
import io.gohsp.train.StepRule;
import io.gohsp.train.TrainableModel;
import io.gohsp.train.Trainer;
import io.gohsp.train.TrainingListener;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Small trainings on digits, on one thread. */
final class Digits {
  static final int BATCH = 16;

  /** Two blocks of four heads of four columns, and 24 neurons. */
  private static final VitArchitecture TINY = new VitArchitecture(8, 1, 4, 16, 2, 4, 24, 10);

  private Digits() {}

  static Model model() {
    return VitBuilder.build(TINY, 1);
  }

  /** Attends to some tokens more than to others, as trained models do. */
  static Model sharp() {
    Model model = model();
    for (Value value : model.graph().initializers()) {
      if (value.name().endsWith("qkv.weight")) {
        float[] numbers = Objects.requireNonNull(value.constant()).floats();
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] *= 5;
        }
        value.setConstant(Tensor.ofFloats(value.constant().dims(), numbers));
      }
    }
    return model;
  }

  static Dataset dataset(int count) {
    try (DataSource source = Datasets.open(Datasets.DIGITS)) {
      return Splits.of(source, 0, 0).train().subset(IntStream.range(0, count).toArray());
    }
  }

  /** One pass, with a rule made for the parameters in training. */
  static void train(
      Model model,
      int updates,
      Function<ParameterStore, StepRule> rule,
      TrainingListener listener) {
    Samples samples =
        Preparation.STANDARD.samples(
            dataset(updates * BATCH), ModelInputs.of(model), Augmentation.NONE);
    Recipe recipe = Recipe.STANDARD.withEpochs(1).withBatch(BATCH).withRate(5e-3);
    try (TrainableModel trainable =
        TrainableModel.of(
            model,
            Objective.of(model, true, false, 0, null, Objective.Distillation.STANDARD),
            new OrtEngine(OrtOptions.DEFAULT.withThreads(1).withDeterministic(true)))) {
      Trainer.of(trainable, samples, recipe)
          .with(rule.apply(trainable.store()))
          .telling(listener)
          .train();
    }
  }

  /** The numbers of a parameter in a vector, row-major. */
  static float[] numbers(ParameterStore store, String parameter, FlatVector vector) {
    ParameterStore.Entry entry =
        store.entries().stream()
            .filter(e -> e.parameter().name().equals(parameter))
            .findFirst()
            .orElseThrow();
    float[] numbers = new float[entry.size()];
    entry.in(vector).floats().get(numbers);
    return numbers;
  }

  /** All numbers of a vector. */
  static float[] numbers(FlatVector vector) {
    float[] numbers = new float[vector.size()];
    vector.floats().get(numbers);
    return numbers;
  }
}
