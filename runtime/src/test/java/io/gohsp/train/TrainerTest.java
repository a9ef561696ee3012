package io.gohsp.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.gohsp.data.Augmentation;
import io.gohsp.data.Batch;
import io.gohsp.data.Batches;
import io.gohsp.data.Samples;
import io.gohsp.engine.FlatVector;
import io.gohsp.fixture.Fixture;
import io.gohsp.ir.Model;
import io.gohsp.plan.InvalidOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
  private static final Recipe RECIPE =
      new Recipe(
          3,
          3,
          0,
          8,
          1,
          5e-3,
          Schedule.COSINE,
          2,
          OptimizerSettings.AdamW.withDecay(0.05),
          1,
          0,
          Recipe.Keep.BEST,
          5);

  @TempDir Path directory;

  private static Recipe recipe(int accumulate, double average, Recipe.Keep keep) {
    return recipe(RECIPE.schedule(), RECIPE.optimizer(), accumulate, average, keep);
  }

  private static Recipe recipe(
      Schedule schedule,
      OptimizerSettings optimizer,
      int accumulate,
      double average,
      Recipe.Keep keep) {
    return new Recipe(
        RECIPE.epochs(),
        RECIPE.stopAfter(),
        RECIPE.epochSize(),
        RECIPE.batch(),
        accumulate,
        RECIPE.rate(),
        schedule,
        RECIPE.warmup(),
        optimizer,
        RECIPE.clip(),
        average,
        keep,
        RECIPE.seed());
  }

  /** Stops a run where a signal might. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static TrainingListener killingAfter(int steps) {
    return new TrainingListener() {
      @Override
      public void step(StepReport report) {
        if (report.step() == steps) {
          throw new Killed();
        }
      }
    };
  }

  private TrainingResult train(
      Model model, Recipe recipe, Augmentation augmentation, Path work, TrainingListener listener) {
    Samples samples = Runs.digits(model, 0, 44, augmentation);
    Samples held = Runs.digits(model, 44, 20, Augmentation.NONE);
    Objective objective =
        Objective.of(model, true, samples.mixup() > 0, 0.1, null, Objective.Distillation.STANDARD);
    try (TrainableModel trainable = TrainableModel.of(model, objective, Runs.engine())) {
      return Trainer.of(trainable, samples, recipe)
          .validating(held)
          .telling(listener)
          .in(work, 2, recipe.toString())
          .train();
    }
  }

  private static List<String> logWithoutSpeed(Path work) throws IOException {
    return Files.readAllLines(work.resolve("log.jsonl")).stream()
        .map(line -> line.replaceAll(",\"samplesPerSecond\":[^,}]*", ""))
        .toList();
  }

  /** What it begins with is a candidate, too, after a kill as well; the last weights never are. */
  @ParameterizedTest
  @CsvSource({"BEST,0,0", "BEST,10,3", "LAST,0,3"})
  void neverEndsBelowItsStart(Recipe.Keep keep, double startLoss, int kept) throws IOException {
    Evaluation start = new Evaluation(startLoss, startLoss == 0 ? 1 : 0, 20);
    Model model = Runs.tiny();
    byte[] before = Runs.bytes(model);
    Path work = directory.resolve("work");
    assertThatThrownBy(() -> trainFrom(start, Runs.tiny(), keep, work, killingAfter(7)))
        .isInstanceOf(Killed.class);
    TrainingResult result = trainFrom(start, model, keep, work, TrainingListener.NONE);
    assertThat(result.kept() == 0).isEqualTo(kept == 0);
    assertThat(result.updates()).isEqualTo(kept == 0 ? 0 : result.steps());
    assertThat(Arrays.equals(Runs.bytes(model), before)).isEqualTo(kept == 0);
    if (kept == 0) {
      assertThat(result.evaluation()).isEqualTo(start);
    }
  }

  private static TrainingResult trainFrom(
      Evaluation start, Model model, Recipe.Keep keep, Path work, TrainingListener listener) {
    Samples samples = Runs.digits(model, 0, 44, Augmentation.NONE);
    Objective objective =
        Objective.of(model, true, false, 0, null, Objective.Distillation.STANDARD);
    try (TrainableModel trainable = TrainableModel.of(model, objective, Runs.engine())) {
      return Trainer.of(trainable, samples, RECIPE.keeping(keep))
          .validating(Runs.digits(model, 44, 20, Augmentation.NONE))
          .startingAt(start)
          .telling(listener)
          .in(work, 2, "the same")
          .train();
    }
  }

  /** 5 batches an epoch: updates of 3 batches cross the ends of epochs. */
  @ParameterizedTest
  @CsvSource({
    "COSINE, 1, 0, 0, BEST",
    "COSINE, 3, 0.9, 0.4, BEST",
    "COSINE, 2, 0.9, 0, LAST",
    "ONE_CYCLE, 1, 0, 0, LAST"
  })
  void killedRunEndsAsIfItHadNotBeen(
      Schedule schedule, int accumulate, double average, double mixup, Recipe.Keep keep)
      throws IOException {
    Recipe recipe = recipe(schedule, RECIPE.optimizer(), accumulate, average, keep);
    Augmentation augmentation = Augmentation.NONE.withPadding(1).withMixup(mixup);
    Model whole = Runs.tiny();
    Path calm = directory.resolve("calm");
    TrainingResult expected = train(whole, recipe, augmentation, calm, TrainingListener.NONE);
    assertThat(expected.steps()).isEqualTo(15 / accumulate);

    Path work = directory.resolve("killed");
    for (int step : new int[] {1, 3, 4}) {
      assertThatThrownBy(() -> train(Runs.tiny(), recipe, augmentation, work, killingAfter(step)))
          .isInstanceOf(Killed.class);
    }
    List<Long> resumed = new ArrayList<>();
    Model pieces = Runs.tiny();
    TrainingResult result =
        train(
            pieces,
            recipe,
            augmentation,
            work,
            new TrainingListener() {
              @Override
              public void resumed(long step) {
                resumed.add(step);
              }
            });

    assertThat(resumed).hasSize(1).allMatch(step -> step >= 2);
    assertThat(result).isEqualTo(expected);
    assertThat(Runs.bytes(pieces)).isEqualTo(Runs.bytes(whole));
    assertThat(logWithoutSpeed(work)).isEqualTo(logWithoutSpeed(calm));
    assertThat(Runs.bytes(whole)).isNotEqualTo(Runs.bytes(Runs.tiny()));
  }

  @Test
  void finishedRunIsNotTrainedAgain() {
    Model first = Runs.tiny();
    train(first, RECIPE, Augmentation.NONE, directory, TrainingListener.NONE);
    Model second = Runs.tiny();
    train(second, RECIPE, Augmentation.NONE, directory, killingAfter(15));
    assertThat(Runs.bytes(second)).isEqualTo(Runs.bytes(first));
  }

  @Test
  void otherOptionsAreRefused() {
    assertThatThrownBy(
            () -> train(Runs.tiny(), RECIPE, Augmentation.NONE, directory, killingAfter(3)))
        .isInstanceOf(Killed.class);
    assertThatThrownBy(
            () ->
                train(
                    Runs.tiny(),
                    RECIPE.withRate(1e-3),
                    Augmentation.NONE,
                    directory,
                    TrainingListener.NONE))
        .isInstanceOf(InvalidOption.class)
        .hasMessageContaining("is of another run");
  }

  @Test
  void oneRunAtATimeInADirectory() {
    TrainingListener second =
        new TrainingListener() {
          @Override
          public void step(StepReport report) {
            train(Runs.tiny(), RECIPE, Augmentation.NONE, directory, NONE);
          }
        };
    assertThatThrownBy(() -> train(Runs.tiny(), RECIPE, Augmentation.NONE, directory, second))
        .isInstanceOf(InvalidOption.class)
        .hasMessage(
            "--work " + directory + ": another run is at work there; wait for it or name another");
  }

  /** 5 batches an epoch. */
  @ParameterizedTest
  @CsvSource({"1, 7, 2", "1, 3, 1", "2, 5, 2", "3, 3, 2", "1, 15, 3"})
  void updatesAreExactlyAsManyAsAskedFor(int accumulate, long updates, int passes) {
    Recipe recipe = recipe(accumulate, 0, Recipe.Keep.LAST).withUpdates(updates, 40);
    assertThat(recipe.epochs()).isEqualTo(passes);
    assertThat(recipe.updates(40, passes)).isEqualTo(updates);
    List<Long> planned = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void step(StepReport report) {
            planned.add(report.steps());
          }
        };

    TrainingResult result = train(Runs.tiny(), recipe, Augmentation.NONE, directory, listener);

    assertThat(result.steps()).isEqualTo(updates);
    assertThat(result.epochs()).hasSize(passes);
    assertThat(planned).hasSize((int) updates).containsOnly(updates);
  }

  /** The limit lies in the middle of a pass; whoever calls again gets the same. */
  @Test
  void runThatReachedItsUpdatesIsOver() {
    Recipe recipe = RECIPE.keeping(Recipe.Keep.LAST).withUpdates(6, 40);
    Model one = Runs.tiny();
    Model other = Runs.tiny();
    assertThat(train(one, recipe, Augmentation.NONE, directory, TrainingListener.NONE))
        .isEqualTo(train(other, recipe, Augmentation.NONE, directory, TrainingListener.NONE));
    assertThat(Runs.bytes(other)).isEqualTo(Runs.bytes(one));
  }

  @Test
  void wholePassesAreTheSameAsEpochs() {
    Model one = Runs.tiny();
    Model other = Runs.tiny();
    Path first = directory.resolve("first");
    Path second = directory.resolve("second");
    train(one, RECIPE, Augmentation.NONE, first, TrainingListener.NONE);
    train(other, RECIPE.withUpdates(15, 40), Augmentation.NONE, second, TrainingListener.NONE);
    assertThat(Runs.bytes(other)).isEqualTo(Runs.bytes(one));
  }

  @Test
  void divergenceStopsWithStepRateAndLastGoodCheckpoint() throws IOException {
    Model model = Runs.tiny();
    Recipe wild =
        new Recipe(
            3,
            3,
            0,
            8,
            1,
            1e9,
            Schedule.CONSTANT,
            0,
            OptimizerSettings.AdamW.withDecay(0.05),
            1,
            0,
            Recipe.Keep.LAST,
            5);
    assertThatThrownBy(
            () -> train(model, wild, Augmentation.NONE, directory, TrainingListener.NONE))
        .isInstanceOf(TrainingException.class)
        .hasMessageMatching(
            "(the loss|a gradient|a weight) is no finite number at step \\d+ \\(epoch 1\\), with a"
                + " learning rate of 1.00e\\+09; (the last good checkpoint is .*|there was no"
                + " checkpoint yet); train with a smaller --lr, .*");
    assertThat(Runs.bytes(model)).isEqualTo(Runs.bytes(Runs.tiny()));
    Path checkpoint = directory.resolve("checkpoint.zip");
    if (Files.exists(checkpoint)) {
      try (ZipFile zip = new ZipFile(checkpoint.toFile())) {
        var weights =
            java.nio.ByteBuffer.wrap(zip.getInputStream(zip.getEntry("weights")).readAllBytes())
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        while (weights.hasRemaining()) {
          assertThat(weights.get()).isFinite();
        }
      }
    }
  }

  @Test
  void averageIsTheRunningMeanOfTheWeights() {
    Model model = Runs.tiny();
    Samples samples = Runs.digits(model, 0, 16, Augmentation.NONE);
    List<float[]> seen = new ArrayList<>();
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      FlatVector weights = trainable.store().weights();
      seen.add(copy(weights));
      Trainer.of(trainable, samples, recipe(1, 0.75, Recipe.Keep.LAST))
          .telling(
              new TrainingListener() {
                @Override
                public void step(StepReport report) {
                  seen.add(copy(weights));
                }
              })
          .train();
      double[] mean = new double[weights.size()];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = seen.get(0)[i];
        for (float[] after : seen.subList(1, seen.size())) {
          mean[i] = 0.75 * mean[i] + 0.25 * after[i];
        }
      }
      ParameterStore written = ParameterStore.of(names(trainable.store()));
      for (int i = 0; i < mean.length; i++) {
        assertThat((double) written.weights().floats().get(i)).isCloseTo(mean[i], within(1e-6));
      }
    }
  }

  /** Momentum descent leaves gradients as they are, so that each update can be made again. */
  @ParameterizedTest
  @EnumSource
  void scheduleSaysRateAndMomentum(Schedule schedule) {
    double own = 0.5;
    Model model = Runs.tiny();
    Samples samples = Runs.digits(model, 0, 44, Augmentation.NONE);
    Recipe recipe =
        recipe(schedule, new OptimizerSettings.Sgd(own, 0), 1, 0, Recipe.Keep.LAST).withRate(0.1);
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      FlatVector weights = trainable.store().weights();
      FlatVector gradients = trainable.store().gradients();
      double[] expected = new double[weights.size()];
      Arrays.setAll(expected, weights.floats()::get);
      double[] velocity = new double[expected.length];
      Trainer.of(trainable, samples, recipe)
          .telling(
              new TrainingListener() {
                @Override
                public void step(StepReport report) {
                  long step = report.step() - 1;
                  double momentum = schedule.momentum(step, report.steps(), own);
                  double rate = 0.1 * schedule.factor(step, report.steps(), recipe.warmup());
                  for (int i = 0; i < expected.length; i++) {
                    double gradient = gradients.floats().get(i);
                    velocity[i] = momentum * velocity[i] + gradient;
                    expected[i] -= rate * (gradient + momentum * velocity[i]);
                    assertThat((double) weights.floats().get(i))
                        .isCloseTo(expected[i], within(2e-6));
                  }
                }
              })
          .train();
    }
  }

  private static List<io.gohsp.ir.Value> names(ParameterStore store) {
    return store.entries().stream().map(ParameterStore.Entry::parameter).toList();
  }

  private static float[] copy(FlatVector vector) {
    float[] copy = new float[vector.size()];
    vector.floats().get(copy);
    return copy;
  }

  /** The loss is a mean over samples: three batches of 4 are one of 12. */
  @Test
  void accumulatedBatchesAreOneLargeBatch() {
    Model model = Runs.tiny();
    Samples samples = Runs.digits(model, 0, 12, Augmentation.NONE);
    float[] whole = gradients(model, samples, 12);
    float[] parts = gradients(model, samples, 4);
    double norm = 0;
    double difference = 0;
    for (int i = 0; i < whole.length; i++) {
      norm += (double) whole[i] * whole[i];
      difference += Math.pow((double) whole[i] - parts[i], 2);
    }
    // Other orders of summation, in FLOAT.
    assertThat(Math.sqrt(difference)).isLessThan(1e-5 * Math.sqrt(norm));
  }

  private static float[] gradients(Model model, Samples samples, int batch) {
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine());
        Batches batches = Batches.of(samples, batch).open()) {
      int count = 12 / batch;
      GradientAccumulator accumulator = new GradientAccumulator(trainable.store(), count > 1);
      for (int i = 0; i < count; i++) {
        Batch next = Objects.requireNonNull(batches.next());
        trainable.backward(next);
        accumulator.add(1.0 / count, i == count - 1);
      }
      return copy(trainable.store().gradients());
    }
  }

  @Test
  void epochsMayBeShorterThanTheData() {
    Model model = Runs.tiny();
    List<Long> steps = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void epoch(EpochReport report) {
            steps.add(report.step());
          }
        };
    train(model, RECIPE.withEpochSize(17), Augmentation.NONE, null, listener);
    assertThat(steps).containsExactly(2L, 4L, 6L);
    assertThat(RECIPE.withEpochSize(17).updates(1000, 3)).isEqualTo(6);
    assertThat(RECIPE.withEpochSize(1001).updates(1000, 1)).isEqualTo(RECIPE.updates(1000, 1));
  }

  /** With plain descent the step is the gradient: its length is at most clip times rate. */
  @Test
  void gradientsAreClippedToTheirNorm() {
    Model model = Runs.tiny();
    Samples samples = Runs.digits(model, 0, 8, Augmentation.NONE);
    Recipe clipped =
        new Recipe(
            1,
            1,
            0,
            8,
            1,
            0.5,
            Schedule.CONSTANT,
            0,
            new OptimizerSettings.Sgd(0, 0),
            0.01,
            0,
            Recipe.Keep.LAST,
            5);
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      float[] before = copy(trainable.store().weights());
      List<Double> norms = new ArrayList<>();
      Trainer.of(trainable, samples, clipped)
          .telling(
              new TrainingListener() {
                @Override
                public void step(StepReport report) {
                  norms.add(report.gradientNorm());
                }
              })
          .train();
      float[] after = copy(trainable.store().weights());
      double squares = 0;
      for (int i = 0; i < after.length; i++) {
        squares += Math.pow((double) after[i] - before[i], 2);
      }
      assertThat(norms).hasSize(1).allMatch(norm -> norm > 0.01);
      assertThat(Math.sqrt(squares)).isCloseTo(0.5 * 0.01, within(1e-6));
    }
  }

  @Test
  void fixedBatchIsSaid() {
    Model model = Fixture.of("timm_vit_legacy_op17_unfused").model(); // takes 2
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      Samples samples = Runs.digits(model, 0, 16, Augmentation.NONE);
      assertThatThrownBy(() -> Trainer.of(trainable, samples, RECIPE).train())
          .isInstanceOf(InvalidOption.class)
          .hasMessageContainingAll("batches of 2 only", "--batch 2");
    }
  }

  @Test
  void updatesThatNeverComeAreRefused() {
    Model model = Runs.tiny();
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      Samples samples = Runs.digits(model, 0, 16, Augmentation.NONE);
      Recipe never = recipe(7, 0, Recipe.Keep.LAST);
      assertThatThrownBy(() -> Trainer.of(trainable, samples, never).train())
          .isInstanceOf(InvalidOption.class)
          .hasMessageContaining("--accumulate 7 is more than the 6 batches");
    }
  }

  @ParameterizedTest
  @CsvSource({"timm_vit_native_fp16", "timm_vit__fp16_keepio"})
  void halfPrecisionModelsLearn(String fixture) {
    Model model = Fixture.of(fixture).model();
    Samples samples = Runs.digits(model, 0, 16, Augmentation.NONE);
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      TrainingResult result =
          Trainer.of(
                  trainable,
                  samples,
                  new Recipe(
                      6,
                      6,
                      0,
                      2,
                      1,
                      3e-3,
                      Schedule.CONSTANT,
                      0,
                      OptimizerSettings.AdamW.withDecay(0),
                      1,
                      0,
                      Recipe.Keep.LAST,
                      1))
              .train();
      assertThat(result.epochs().get(5).loss()).isLessThan(result.epochs().get(0).loss());
    }
    Model before = Fixture.of(fixture).model();
    assertThat(types(model)).isEqualTo(types(before));
    assertThat(Runs.bytes(model)).isNotEqualTo(Runs.bytes(before));
  }

  private static Map<String, Object> types(Model model) {
    Map<String, Object> types = new java.util.LinkedHashMap<>();
    model
        .graph()
        .initializers()
        .forEach(value -> types.put(value.name(), Objects.requireNonNull(value.constant()).type()));
    return types;
  }

  /** A rule sees what the batch says, and what it zeroes is neither clipped nor learnt. */
  @Test
  void rulesComeBeforeClipping() {
    Model model = Runs.tiny();
    List<Double> reported = new ArrayList<>();
    List<Double> seen = new ArrayList<>();
    List<Integer> moments = new ArrayList<>();
    try (TrainableModel trainable = TrainableModel.of(model, Runs.labels(model), Runs.engine())) {
      StepRule rule =
          new StepRule() {
            @Override
            public void moments(Collection<FlatVector> vectors) {
              vectors.forEach(vector -> moments.add(vector.size()));
            }

            @Override
            public void beforeUpdate(long step) {
              seen.add(Vectors.norm(trainable.store().gradients()));
              if (step > 0) {
                trainable.store().gradients().array().assign(0);
              }
            }

            @Override
            public void afterUpdate(long step, double rate) {}
          };
      Trainer.of(trainable, Runs.digits(model, 0, 16, Augmentation.NONE), RECIPE)
          .with(rule)
          .telling(
              new TrainingListener() {
                @Override
                public void step(StepReport report) {
                  reported.add(report.gradientNorm());
                }
              })
          .train();
      assertThat(moments).containsExactly(trainable.store().size(), trainable.store().size());
    }
    assertThat(seen).hasSize(6).allSatisfy(norm -> assertThat(norm).isGreaterThan(RECIPE.clip()));
    assertThat(reported.get(0)).isEqualTo(seen.get(0));
    assertThat(reported.subList(1, 6)).containsOnly(0.0);
  }
}
