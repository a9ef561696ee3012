package io.gohsp.train;

import io.gohsp.plan.InvalidOption;
import java.util.function.Consumer;

/**
 * How a model is trained.
 *
 * @param epochs passes over the training data that the schedule is made for
 * @param stopAfter passes after which training ends all the same
 * @param epochSize samples in a pass, drawn anew for each; 0 for all there are
 * @param steps most updates, so that the last pass may be shorter; 0 for as many as the passes have
 * @param batch samples in a batch
 * @param accumulate batches whose gradients are averaged for one update
 * @param rate learning rate at its peak
 * @param schedule how it changes, and the optimiser's momentum with it where it is one-cycle
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
    int epochSize,
    long steps,
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

  /** As many updates as the passes have. */
  public Recipe(
      int epochs,
      int stopAfter,
      int epochSize,
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
    this(
        epochs,
        stopAfter,
        epochSize,
        0,
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

  /** AdamW at 5e-4 with decay 0.05, cosine with a short warm-up, gradients clipped at 1. */
  public static final Recipe STANDARD =
      new Recipe(
          10,
          10,
          0,
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
    require(epochSize >= 0, "--epoch-size", epochSize, "1 or more, or 0 for all");
    require(steps >= 0, "--steps", steps, "1 or more");
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
    long all = (long) (samplesOf(samples) / batch) * passes / accumulate;
    return steps == 0 ? all : Math.min(all, steps);
  }

  /** Samples that are trained on out of so many in a pass, each as often as that happens. */
  public long seen(int samples) {
    return updates(samples, epochs) * batch * accumulate;
  }

  /**
   * Fails if there would be no update in the epochs that are trained now.
   *
   * @param samples in the training part
   * @throws InvalidOption if so
   */
  public void requireUpdates(int samples) {
    if (updates(samples, stopAfter) > 0) {
      return;
    }
    int batches = samplesOf(samples) / batch;
    throw new InvalidOption(
        batches == 0
            ? "%d samples in a pass fill no batch of %d (--batch): there would be no update; give smaller batches or more data"
                .formatted(samplesOf(samples), batch)
            : "--accumulate %d is more than the %d batches of all epochs: there would be no update; give less"
                .formatted(accumulate, (long) batches * stopAfter));
  }

  /**
   * Samples in one pass.
   *
   * @param samples in the training part
   */
  public int samplesOf(int samples) {
    return epochSize == 0 ? samples : Math.min(epochSize, samples);
  }

  /** So many epochs, all of them. */
  public Recipe withEpochs(int count) {
    return changed(
        draft -> {
          draft.epochs = count;
          draft.stopAfter = count;
        });
  }

  /**
   * Exactly so many updates: as many passes as that takes, the last one shorter.
   *
   * @param count of updates
   * @param samples in the training part
   */
  public Recipe withUpdates(long count, int samples) {
    long batches = Math.max(1, samplesOf(samples) / batch); // too few samples are refused later
    int passes = Math.toIntExact((count * accumulate + batches - 1) / batches);
    return changed(
        draft -> {
          draft.epochs = passes;
          draft.stopAfter = passes;
          draft.steps = count;
        });
  }

  /** Ends after so many epochs of the same schedule. */
  public Recipe withStopAfter(int count) {
    return changed(draft -> draft.stopAfter = count);
  }

  /** So many samples in an epoch; 0 for all. */
  public Recipe withEpochSize(int count) {
    return changed(draft -> draft.epochSize = count);
  }

  public Recipe withBatch(int size) {
    return changed(draft -> draft.batch = size);
  }

  public Recipe withRate(double peak) {
    return changed(draft -> draft.rate = peak);
  }

  /** Averages weights with another decay; 0 for no average. */
  public Recipe withAverage(double decay) {
    return changed(draft -> draft.average = decay);
  }

  public Recipe keeping(Keep which) {
    return changed(draft -> draft.keep = which);
  }

  public Recipe withSeed(long number) {
    return changed(draft -> draft.seed = number);
  }

  private Recipe changed(Consumer<Draft> change) {
    Draft draft = new Draft();
    change.accept(draft);
    return draft.recipe();
  }

  /** What can be changed of a recipe in one go. */
  private final class Draft {
    private int epochs = Recipe.this.epochs;
    private int stopAfter = Recipe.this.stopAfter;
    private int epochSize = Recipe.this.epochSize;
    private long steps = Recipe.this.steps;
    private int batch = Recipe.this.batch;
    private double rate = Recipe.this.rate;
    private double average = Recipe.this.average;
    private Keep keep = Recipe.this.keep;
    private long seed = Recipe.this.seed;

    Recipe recipe() {
      return new Recipe(
          epochs,
          stopAfter,
          epochSize,
          steps,
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
  }
}
