package io.gohsp.train;

import io.gohsp.plan.InvalidOption;

/**
 * How a model is trained.
 *
 * @param epochs passes over the training data that the schedule is made for
 * @param stopAfter passes after which training ends all the same
 * @param batch samples in a batch
 * @param accumulate batches whose gradients are averaged for one update
 * @param rate learning rate at its peak
 * @param schedule how it changes
 * @param warmup updates at the start in which it rises; not in epochs, so that it does not change
 *     with the amount of data
 * @param optimizer what updates the weights
 * @param clip greatest Euclidean norm of all gradients together; larger ones are scaled down; 0 for
 *     no limit
 * @param average decay of the running average of the weights that is measured and kept in place of
 *     the last weights; 0 for none
 * @param keep which weights are the result
 * @param seed of the order of samples and of their augmentation
 */
public record Recipe(
    int epochs,
    int stopAfter,
    int batch,
    int accumulate,
    double rate,
    Schedule schedule,
    int warmup,
    OptimizerSettings optimizer,
    double clip,
    double average,
    Keep keep,
    long seed) {

  /** Which weights are the result. */
  public enum Keep {
    /** Those of the epoch with the best validation. */
    BEST,
    /** Those at the end. */
    LAST
  }

  /** AdamW at 5e-4 with decay 0.05, cosine with a short warm-up, gradients clipped at 1. */
  public static final Recipe STANDARD =
      new Recipe(
          10,
          10,
          64,
          1,
          5e-4,
          Schedule.COSINE,
          20,
          OptimizerSettings.AdamW.withDecay(0.05),
          1,
          0,
          Keep.BEST,
          0);

  /**
   * @throws InvalidOption naming what makes no sense
   */
  public Recipe {
    require(epochs >= 1, "--epochs", epochs, "1 or more");
    require(stopAfter >= 1 && stopAfter <= epochs, "--stop-after", stopAfter, "1 to " + epochs);
    require(batch >= 1, "--batch", batch, "1 or more");
    require(accumulate >= 1, "--accumulate", accumulate, "1 or more");
    require(rate > 0 && Double.isFinite(rate), "--lr", rate, "a number above 0");
    require(warmup >= 0, "--warmup", warmup, "0 or more");
    require(clip >= 0 && Double.isFinite(clip), "--clip", clip, "a norm above 0, or 0 for none");
    require(average >= 0 && average < 1, "--ema", average, "a number from 0 to below 1");
    require(
        optimizer.weightDecay() >= 0 && Double.isFinite(optimizer.weightDecay()),
        "--weight-decay",
        optimizer.weightDecay(),
        "0 or more");
  }

  private static void require(boolean holds, String option, Object given, String expected) {
    if (!holds) {
      throw new InvalidOption(option + " " + given + " makes no sense; give " + expected);
    }
  }

  /**
   * Updates in so many passes over the training part.
   *
   * @param samples in the training part
   */
  public long updates(int samples, int passes) {
    return (long) (samples / batch) * passes / accumulate;
  }

  public Recipe withEpochs(int count) {
    return new Recipe(
        count,
        count,
        batch,
        accumulate,
        rate,
        schedule,
        warmup,
        optimizer,
        clip,
        average,
        keep,
        seed);
  }

  /** Ends after so many epochs of the same schedule. */
  public Recipe withStopAfter(int count) {
    return new Recipe(
        epochs,
        count,
        batch,
        accumulate,
        rate,
        schedule,
        warmup,
        optimizer,
        clip,
        average,
        keep,
        seed);
  }

  public Recipe withBatch(int size) {
    return new Recipe(
        epochs,
        stopAfter,
        size,
        accumulate,
        rate,
        schedule,
        warmup,
        optimizer,
        clip,
        average,
        keep,
        seed);
  }

  public Recipe withRate(double peak) {
    return new Recipe(
        epochs,
        stopAfter,
        batch,
        accumulate,
        peak,
        schedule,
        warmup,
        optimizer,
        clip,
        average,
        keep,
        seed);
  }

  /** Averages weights with another decay; 0 for no average. */
  public Recipe withAverage(double decay) {
    return new Recipe(
        epochs,
        stopAfter,
        batch,
        accumulate,
        rate,
        schedule,
        warmup,
        optimizer,
        clip,
        decay,
        keep,
        seed);
  }

  public Recipe keeping(Keep which) {
    return new Recipe(
        epochs,
        stopAfter,
        batch,
        accumulate,
        rate,
        schedule,
        warmup,
        optimizer,
        clip,
        average,
        which,
        seed);
  }

  public Recipe withSeed(long number) {
    return new Recipe(
        epochs,
        stopAfter,
        batch,
        accumulate,
        rate,
        schedule,
        warmup,
        optimizer,
        clip,
        average,
        keep,
        number);
  }
}
