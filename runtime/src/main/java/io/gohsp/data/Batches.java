package io.gohsp.data;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Batches of samples, epoch after epoch, prepared ahead by threads of its own while the consumer
 * computes. The sequence depends on samples, batch size, seed and start only; the number of threads
 * changes nothing but the speed. For one consumer thread.
 *
 * <pre>{@code
 * try (Batches batches = Batches.of(samples, 64).shuffled(seed).epochs(10).startingAt(p).open()) {
 *   for (Batch batch = batches.next(); batch != null; batch = batches.next()) { … }
 * }
 * }</pre>
 *
 * <p>The memory is a ring of slots. Threads claim batch numbers in order and fill the slot that the
 * number falls on, as far as it is free; the consumer takes them in the same order and frees a slot
 * when it asks for the next. So memory is bounded, and slow consumers make the threads wait.
 */
public final class Batches implements AutoCloseable {
  private final Options options;
  private final EpochPlan plan;
  private final CorruptSamples corrupt;
  private final List<BatchSlot> slots = new ArrayList<>();
  private final boolean[] ready;
  private final List<Thread> threads = new ArrayList<>();

  /** Number of batches in all, or -1 for no end. */
  private final long total;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Batches that threads have taken on; guarded by the lock, like the three below. */
  private long claimed;

  /** Batches whose slots are free again. */
  private long released;

  private boolean closed;

  /** Why a thread could not even begin; guarded by the lock. */
  private @Nullable Throwable broken;

  /** Batches handed out; the consumer's own. */
  private long delivered;

  private Batches(Options options) {
    this.options = options;
    Samples samples = options.samples;
    int size = samples.dataset().size();
    int used = Math.min(size, options.epochSize);
    plan =
        new EpochPlan(size, used, options.batchSize, options.shuffle, options.seed, options.last);
    if (plan.steps() == 0) {
      throw new DataException(
          "data",
          used + " samples do not fill a batch of " + options.batchSize,
          "use smaller batches or more data");
    }
    if (options.start.step() >= plan.steps()) {
      throw new IllegalArgumentException(
          options.start + " is behind the end of an epoch of " + plan.steps() + " steps");
    }
    corrupt = options.corrupt == null ? new CorruptSamples(samples.dataset()) : options.corrupt;
    long epochsLeft = Math.max(0, (long) options.epochs - options.start.epoch());
    total =
        options.epochs < 0
            ? -1
            : Math.max(0, epochsLeft * plan.steps() - (epochsLeft > 0 ? options.start.step() : 0));
    // One slot is with the consumer, one with each thread, the others wait full.
    for (int i = 0; i < 1 + options.threads + options.ahead; i++) {
      slots.add(new BatchSlot(samples, options.batchSize));
    }
    ready = new boolean[slots.size()];
    for (int i = 0; i < options.threads; i++) {
      Thread thread = new Thread(this::produce, "gohsp-data-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  /** Batches of a size; nothing is read before {@link Options#open()}. */
  public static Options of(Samples samples, int batchSize) {
    return new Options(samples, batchSize);
  }

  /** How batches are made. */
  public static final class Options {
    private static final int MOST_THREADS = 4;

    private final Samples samples;
    private final int batchSize;
    private boolean shuffle;
    private long seed;
    private LastBatch last = LastBatch.KEEP;
    private int epochs = 1;
    private int epochSize = Integer.MAX_VALUE;
    private Position start = Position.START;
    private int threads =
        Math.max(1, Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors() / 2));
    private int ahead = 2;
    private @Nullable CorruptSamples corrupt;

    private Options(Samples samples, int batchSize) {
      if (batchSize < 1) {
        throw new IllegalArgumentException("batch size " + batchSize);
      }
      this.samples = samples;
      this.batchSize = batchSize;
    }

    /** Another order each epoch; the last, partial batch is dropped unless said otherwise. */
    public Options shuffled(long newSeed) {
      shuffle = true;
      seed = newSeed;
      last = LastBatch.DROP;
      return this;
    }

    /** What happens at the end of an epoch; {@link LastBatch#KEEP} if not shuffled. */
    public Options last(LastBatch policy) {
      last = policy;
      return this;
    }

    /** Ends after so many epochs, counted from the first one; 1 unless said. */
    public Options epochs(int count) {
      epochs = count;
      return this;
    }

    /** At most so many samples in an epoch, drawn anew for each if shuffled; all unless said. */
    public Options epochSize(int most) {
      epochSize = most;
      return this;
    }

    /** Never ends. */
    public Options endless() {
      epochs = -1;
      return this;
    }

    /** Begins in the middle, as if the batches before had been taken. */
    public Options startingAt(Position position) {
      start = position;
      return this;
    }

    /**
     * How many threads prepare, and how many finished batches may wait.
     *
     * @param count at least 1
     * @param waiting at least 0
     */
    public Options threads(int count, int waiting) {
      if (count < 1 || waiting < 0) {
        throw new IllegalArgumentException(count + " threads, " + waiting + " batches ahead");
      }
      threads = count;
      ahead = waiting;
      return this;
    }

    /** Where corrupt samples are counted, if not for this sequence alone. */
    public Options countingCorrupt(CorruptSamples count) {
      corrupt = count;
      return this;
    }

    /**
     * Starts the threads.
     *
     * @throws DataException if there are too few samples for a batch
     */
    public Batches open() {
      return new Batches(copy());
    }

    /** The threads must not see later changes. */
    private Options copy() {
      Options copy = new Options(samples, batchSize);
      copy.shuffle = shuffle;
      copy.seed = seed;
      copy.last = last;
      copy.epochs = epochs;
      copy.epochSize = epochSize;
      copy.start = start;
      copy.threads = threads;
      copy.ahead = ahead;
      copy.corrupt = corrupt;
      return copy;
    }
  }

  /** Batches in a whole epoch. */
  public int stepsPerEpoch() {
    return plan.steps();
  }

  /** Where the next batch lies; what to start at to continue from here. */
  public Position position() {
    return plan.after(options.start, delivered);
  }

  /** The samples that had to be skipped so far. */
  public CorruptSamples corrupt() {
    return corrupt;
  }

  /**
   * Waits for the next batch. The one before is no longer valid.
   *
   * @return null after the last epoch
   * @throws DataException if the data cannot be read or too many samples are corrupt
   */
  public @Nullable Batch next() {
    while (true) {
      if (total >= 0 && delivered == total) {
        return null;
      }
      BatchSlot slot = await();
      delivered++;
      Throwable failure = slot.failure();
      slot.corrupt().forEach(corrupt::add);
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      Batch batch = slot.batch();
      if (batch != null && batch.size() > 0) {
        return batch;
      } // every sample was corrupt; they are counted, and the batch is left out
    }
  }

  private BatchSlot await() {
    lock.lock();
    try {
      if (released < delivered) { // the consumer is done with the batch before
        ready[(int) (released % slots.size())] = false;
        released++;
        changed.signalAll();
      }
      int at = (int) (delivered % slots.size());
      while (!ready[at]) {
        if (closed || broken != null) {
          throw new IllegalStateException(
              closed ? "closed" : "the data threads cannot start", broken);
        }
        changed.await();
      }
      return slots.get(at);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for data", e);
    } finally {
      lock.unlock();
    }
  }

  private void produce() {
    try (Samples.Reader reader = options.samples.reader()) {
      for (long number = claim(); number >= 0; number = claim()) {
        BatchSlot slot = slots.get((int) (number % slots.size()));
        try {
          slot.fill(reader, plan, plan.after(options.start, number), options.seed, options.last);
        } catch (Throwable e) { // the consumer gets it, whatever it is
          slot.fail(e);
        }
        deliver(number);
      }
    } catch (Throwable e) { // no decoder, no memory for it
      lock.lock();
      try {
        broken = e;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The next batch to prepare, as soon as its slot is free; -1 when there is none. */
  private long claim() {
    lock.lock();
    try {
      while (!closed && claimed != total && claimed - released >= slots.size()) {
        changed.awaitUninterruptibly();
      }
      return closed || claimed == total ? -1 : claimed++;
    } finally {
      lock.unlock();
    }
  }

  private void deliver(long number) {
    lock.lock();
    try {
      ready[(int) (number % slots.size())] = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Stops the threads and waits until they have ended. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          // Not interrupted: that would close the files they share.
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
