package io.gohsp.compare;

import io.gohsp.data.Augmentation;
import io.gohsp.data.Dataset;
import io.gohsp.data.ModelInputs;
import io.gohsp.data.Preparation;
import io.gohsp.data.Samples;
import io.gohsp.data.Splits;
import io.gohsp.engine.Engine;
import io.gohsp.ir.Model;
import io.gohsp.ir.ModelCopy;
import io.gohsp.linear.TokenMask;
import io.gohsp.pipeline.Workload;
import io.gohsp.train.Evaluator;
import io.gohsp.train.Objective;
import io.gohsp.train.Recipe;
import io.gohsp.train.StepReport;
import io.gohsp.train.Teacher;
import io.gohsp.train.TrainableModel;
import io.gohsp.train.Trainer;
import io.gohsp.train.TrainingListener;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How fast the dense model trains and is measured here, by trying: a few updates of the real thing,
 * data, augmentation and teacher included. What is pruned is faster, so that estimates are upper
 * bounds, but for a machine that gets other things to do.
 *
 * @param stepSeconds of an update
 * @param sampleSeconds of a validation sample
 */
record Pace(double stepSeconds, double sampleSeconds) {
  /** The first updates allocate memory and load code. */
  private static final int WARM_UP = 2;

  private static final int TIMED = 5;
  private static final int BATCHES = 4;

  /** Notes when updates end. */
  private static final class Clock implements TrainingListener {
    private final long[] nanos = new long[WARM_UP + TIMED];
    private int count;

    @Override
    public void step(StepReport report) {
      if (count < nanos.length) {
        nanos[count++] = System.nanoTime();
      }
    }

    double median() {
      double[] seconds =
          IntStream.range(WARM_UP, count)
              .mapToDouble(i -> (nanos[i] - nanos[i - 1]) / 1e9)
              .toArray();
      Arrays.sort(seconds);
      return seconds.length == 0 ? 0 : seconds[seconds.length / 2];
    }
  }

  /** Trains and measures a copy for a moment. */
  static Pace measure(
      Model original,
      ComparisonSettings settings,
      Preparation preparation,
      Splits splits,
      Engine engine) {
    Model student = ModelCopy.of(original).model();
    try (@Nullable Teacher teacher =
            settings.supervision().teacher(original, engine, TokenMask.of(original, null));
        TrainableModel trainable =
            TrainableModel.of(student, objective(student, settings, splits, teacher), engine)) {
      Dataset train = splits.train();
      Recipe recipe =
          settings.recipe().withUpdates(WARM_UP + TIMED, train.size()).keeping(Recipe.Keep.LAST);
      Samples samples =
          preparation.samples(
              train, ModelInputs.of(student), settings.supervision().augmentation());
      Clock clock = new Clock();
      Trainer.of(trainable, samples, recipe).telling(clock).train();
      return new Pace(
          clock.median(), evaluating(student, settings, preparation, splits, teacher, engine));
    }
  }

  /** What more samples take more: a model is made ready for a few as for many. */
  private static double evaluating(
      Model model,
      ComparisonSettings settings,
      Preparation preparation,
      Splits splits,
      @Nullable Teacher teacher,
      Engine engine) {
    Dataset all = splits.validation();
    int few = Math.min(all.size(), settings.recipe().batch());
    int many = Math.min(all.size(), BATCHES * settings.recipe().batch());
    double[] seconds = new double[2];
    for (int i = 0; i < 2; i++) {
      Dataset some = all.subset(IntStream.range(0, i == 0 ? few : many).toArray());
      Evaluator evaluator =
          new Evaluator(
              objective(model, settings, splits, teacher),
              preparation.samples(some, ModelInputs.of(model), Augmentation.NONE),
              settings.recipe().batch());
      long start = System.nanoTime();
      evaluator.evaluate(model, engine);
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    return many == few ? seconds[1] / many : Math.max(0, seconds[1] - seconds[0]) / (many - few);
  }

  private static Objective objective(
      Model model, ComparisonSettings settings, Splits splits, @Nullable Teacher teacher) {
    return settings.supervision().objective(model, splits.train().isLabelled(), teacher);
  }

  /**
   * Seconds that a cell may take. Validation samples are seen after each epoch, and by both models
   * when they are compared at the cut and at the end; studying calibration samples takes several
   * runs, forward or backward, and so does correction.
   */
  double cellSeconds(ComparisonSettings settings, Splits splits) {
    int epochs = settings.recipe().withUpdates(settings.steps(), splits.train().size()).epochs();
    int passes = epochs + 1 + 2 + 2 * 2;
    int correction = settings.recovery() == null ? 0 : Workload.CORRECTION;
    return settings.steps() * stepSeconds
        + passes * splits.validation().size() * sampleSeconds
        + (Workload.STUDY + correction) * splits.calibration().size() * sampleSeconds;
  }
}
