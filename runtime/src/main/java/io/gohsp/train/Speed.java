package io.gohsp.train;

/** Samples in a second, over the last seconds. */
final class Speed {
  /** How much of the speed is forgotten when the next batch comes. */
  private static final double FORGET = 0.1;

  private long last = System.nanoTime();
  private double seconds; // for a sample
  private boolean any;

  void add(int samples) {
    long now = System.nanoTime();
    double latest = (now - last) / 1e9 / Math.max(1, samples);
    seconds = any ? seconds + FORGET * (latest - seconds) : latest;
    any = true;
    last = now;
  }

  /** What came between two batches was not training. */
  void restart() {
    last = System.nanoTime();
  }

  double perSecond() {
    return seconds == 0 ? 0 : 1 / seconds;
  }
}
