package io.gohsp.train;

/**
 * What an update came to.
 *
 * @param step updates made so far
 * @param steps updates there will be
 * @param epoch from 1
 * @param rate learning rate
 * @param loss of its batches, as it was minimised
 * @param gradientNorm Euclidean norm of all gradients, before clipping
 * @param samplesPerSecond over the last updates
 * @param secondsLeft until the end, without validations
 */
public record StepReport(
    long step,
    long steps,
    int epoch,
    double rate,
    double loss,
    double gradientNorm,
    double samplesPerSecond,
    double secondsLeft) {
  /** The same, with another end in sight. */
  public StepReport withSecondsLeft(double seconds) {
    return new StepReport(step, steps, epoch, rate, loss, gradientNorm, samplesPerSecond, seconds);
  }
}
