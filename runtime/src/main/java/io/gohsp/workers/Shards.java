package io.gohsp.workers;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Sums over samples. Samples are cut into shards of a fixed size, of which the last takes the rest
 * as well: a shard of few samples could be one that is all corrupt, though others are not. Each is
 * added up by itself, sample by sample, and the sums of the shards in their order. What comes out
 * is therefore the same to the byte, whoever adds up which shards and whoever ends first.
 */
public interface Shards {
  /** Samples in a shard but the last, rounded up to whole batches. */
  int SAMPLES = 64;

  /** Adds up shards, in this process. */
  interface Summing {
    /**
     * @return the sums of each shard from {@code from} to before {@code to}, all of one length
     */
    List<double[]> sums(int from, int to);
  }

  /** All shards in this process. */
  Shards HERE = (count, summing) -> summing.sums(0, count);

  /**
   * Has all shards added up.
   *
   * @param count how many there are
   * @return the sums of each, in order
   */
  List<double[]> sums(int count, Summing summing);

  /** The sums over all samples. */
  default double[] total(int count, Summing summing) {
    return added(sums(count, summing));
  }

  /** Sums of shards, in their order, added up. */
  static double[] added(List<double[]> shards) {
    double[] total = shards.get(0).clone();
    for (double[] shard : shards.subList(1, shards.size())) {
      for (int i = 0; i < total.length; i++) {
        total[i] += shard[i];
      }
    }
    return total;
  }

  /**
   * How many shards there are.
   *
   * @param samples in all
   * @param batch samples in a run
   */
  static int count(int samples, int batch) {
    return Math.max(1, samples / size(batch));
  }

  /** The index of a shard's first sample. */
  static int first(int shard, int batch) {
    return shard * size(batch);
  }

  /** The index behind a shard's last sample. */
  static int end(int shard, int samples, int batch) {
    return shard == count(samples, batch) - 1 ? samples : first(shard + 1, batch);
  }

  /** The shard of a sample. */
  static int of(int sample, int samples, int batch) {
    return Math.min(count(samples, batch) - 1, sample / size(batch));
  }

  /** The samples of a shard, by their indices. */
  static int[] samples(int shard, int samples, int batch) {
    return IntStream.range(first(shard, batch), end(shard, samples, batch)).toArray();
  }

  private static int size(int batch) {
    return (SAMPLES + batch - 1) / batch * batch;
  }
}
