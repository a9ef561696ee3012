package io.gohsp.bench;

/**
 * How long one model takes for one run.
 *
 * @param name the program's name
 * @param batch samples in a run
 * @param rounds how many runs were timed
 * @param medianMs median of the runs, in milliseconds
 * @param minMs the shortest run, in milliseconds
 * @param ratio time by the first model's: the median over rounds, so that whatever slows the
 *     machine for a while cancels; 1 for the first model, below 1 for faster ones
 * @param medianRange where the median in milliseconds lies, see {@link Range}
 * @param ratioRange where the ratio lies; likewise
 */
public record Latency(
    String name,
    long batch,
    int rounds,
    double medianMs,
    double minMs,
    double ratio,
    Range medianRange,
    Range ratioRange) {
  /** Samples a second, by the median. */
  public double throughput() {
    return batch * 1000 / medianMs;
  }
}
