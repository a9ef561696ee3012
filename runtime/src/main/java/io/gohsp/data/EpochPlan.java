package io.gohsp.data;

import java.util.stream.IntStream;

/**
 * Which samples a batch holds. Safe for use by several threads.
 *
 * <p>An epoch's order is a function of seed and epoch alone, so any batch can be found without
 * those before it.
 */
final class EpochPlan {
  /** No sample has this index: the stream that shuffles is nobody's augmentation. */
  private static final long SHUFFLING = -1;

  private final int samples;

  /** Samples of an epoch. */
  private final int size;

  private final int batchSize;
  private final boolean shuffle;
  private final long seed;
  private final LastBatch last;

  private int orderedEpoch = -1;
  private int[] order = new int[0];

  EpochPlan(int samples, int size, int batchSize, boolean shuffle, long seed, LastBatch last) {
    this.samples = samples;
    this.size = size;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.seed = seed;
    this.last = last;
  }

  int steps() {
    return last == LastBatch.DROP
        ? size / batchSize
        : (int) (((long) size + batchSize - 1) / batchSize);
  }

  /** The position that is {@code distance} batches after {@code start}. */
  Position after(Position start, long distance) {
    long step = start.step() + distance;
    return new Position(Math.toIntExact(start.epoch() + step / steps()), (int) (step % steps()));
  }

  /** An order of all samples, of which the epoch has the first; not to be written to. */
  synchronized int[] order(int epoch) {
    if (epoch != orderedEpoch) {
      order =
          shuffle
              ? new SampleRandom(seed, epoch, SHUFFLING).permutation(samples)
              : IntStream.range(0, samples).toArray();
      orderedEpoch = epoch;
    }
    return order;
  }

  int first(int step) {
    return step * batchSize; // less than the size
  }

  int end(int step) {
    return (int) Math.min(size, (long) first(step) + batchSize);
  }
}
