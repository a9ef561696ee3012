package io.gohsp.workers;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads of this process. */
public final class LocalWorkers implements Workers {
  /** As deep as the main thread's, as a rule. */
  private static final long STACK = 8L << 20;

  private final int threads;

  /**
   * @param threads how many tasks run at once, at least 1
   */
  public LocalWorkers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads run nothing");
    }
    this.threads = threads;
  }

  private record Ended<R>(int index, R result) {}

  @Override
  public <R extends Serializable> void each(List<? extends Task<R>> tasks, Listener<R> listener) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.max(1, Math.min(threads, tasks.size())),
            work -> {
              Thread thread = new Thread(null, work, "gohsp-worker", STACK);
              thread.setDaemon(true);
              return thread;
            });
    try {
      CompletionService<Ended<R>> ended = new ExecutorCompletionService<>(pool);
      for (int i = 0; i < tasks.size(); i++) {
        int index = i;
        Future<?> unused = ended.submit(() -> new Ended<>(index, tasks.get(index).run()));
      }
      for (int i = 0; i < tasks.size(); i++) {
        Ended<R> next = ended.take().get();
        listener.done(next.index(), next.result());
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while tasks were running", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException failure
        ? failure
        : new IllegalStateException(cause); // what others' code throws without saying so
  }

  @Override
  public int slots() {
    return threads;
  }

  @Override
  public int processes() {
    return 1;
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public SharedBytes share(byte[] bytes) {
    return new SharedBytes.Here(bytes);
  }

  @Override
  public Workers sharing(Path folder) {
    return this;
  }

  @Override
  public Workers seeing(List<Path> files) {
    return this;
  }
}
