package io.gohsp.data;

/**
 * Random numbers that depend on a seed, an epoch and a sample and on nothing else: neither on which
 * thread asks nor on the Java release. SplitMix64 (Steele, Lea and Flood 2014).
 */
public final class SampleRandom {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  /** The numbers of one sample in one epoch. */
  public SampleRandom(long seed, long epoch, long sample) {
    state = mix(mix(mix(seed + GOLDEN) ^ epoch + GOLDEN) ^ sample);
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }

  long nextLong() {
    state += GOLDEN;
    return mix(state);
  }

  /** From 0 up to but not including 1. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /** From {@code low} up to but not including {@code high}. */
  double uniform(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /** From 0 to {@code bound - 1}. The bias, less than {@code bound / 2^63}, is far below notice. */
  int nextInt(int bound) {
    return (int) ((nextLong() >>> 1) % bound);
  }

  /** Either, with the same probability. */
  public boolean nextBoolean() {
    return nextLong() < 0;
  }

  /** Normally distributed, by Marsaglia's polar method. */
  double nextGaussian() {
    while (true) {
      double x = uniform(-1, 1);
      double y = uniform(-1, 1);
      double s = x * x + y * y;
      if (s > 0 && s < 1) {
        return x * Math.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }

  /** Beta distributed with both parameters {@code alpha}: a ratio of two gamma variates. */
  double nextBeta(double alpha) {
    double x = nextGamma(alpha);
    double y = nextGamma(alpha);
    return x + y == 0 ? 0.5 : x / (x + y);
  }

  /** Gamma distributed with scale 1 (Marsaglia and Tsang 2000; boosted where {@code shape < 1}). */
  private double nextGamma(double shape) {
    if (shape < 1) {
      return nextGamma(shape + 1) * StrictMath.pow(nextDouble(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = nextGaussian();
      double v = 1 + c * x;
      if (v <= 0) {
        continue;
      }
      v = v * v * v;
      double u = nextDouble();
      if (StrictMath.log(u) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
        return d * v;
      }
    }
  }

  /** The numbers 0 to {@code size - 1} in random order (Fisher and Yates). */
  int[] permutation(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
