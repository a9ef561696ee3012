package io.gohsp.bench;

/**
 * How long a training step takes.
 *
 * @param batch samples in a step
 * @param steps how many steps were timed
 * @param medianMs median of the steps, in milliseconds
 * @param minMs the shortest step, in milliseconds
 * @param optimizerShare part of a step's time that the update of the weights takes, median, in [0,
 *     1]
 */
public record TrainingSpeed(
    long batch, int steps, double medianMs, double minMs, double optimizerShare) {
  /** Samples a second, by the median. */
  public double throughput() {
    return batch * 1000 / medianMs;
  }
}
