package io.gohsp.ort;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A thread with a stack for ONNX Runtime's optimisers, which descend into the graph by recursion: a
 * training graph of six blocks overflows the megabyte that Java's threads have, and that ends the
 * process without a word.
 */
final class DeepStack {
  /** Address space; memory is taken as the stack grows. A block takes less than a megabyte. */
  private static final long BYTES = 512L << 20;

  private DeepStack() {}

  /** Makes a session. */
  interface Work {
    OrtSession run() throws OrtException;
  }

  /** Does the work on such a thread and waits for it; what it throws is thrown here. */
  static OrtSession call(Work work) throws OrtException {
    FutureTask<OrtSession> task = new FutureTask<>(work::run);
    Thread thread = new Thread(null, task, "gohsp-session", BYTES);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // native code cannot be left half done
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static OrtException rethrown(Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return (OrtException) cause;
  }
}
