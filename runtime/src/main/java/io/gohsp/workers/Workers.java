package io.gohsp.workers;

import java.io.Serializable;
import java.util.List;

/** Whoever does {@link Task}s. */
public interface Workers {
  /** Is told what came of a task, in the order in which they end; one call at a time. */
  interface Listener<R> {
    void done(int index, R result);
  }

  /**
   * Runs tasks, several at once.
   *
   * @return what came of them, in the order of the tasks, whichever ended first
   * @throws RuntimeException what a task threw, if one did; the others are not waited for
   */
  <R extends Serializable> List<R> run(List<? extends Task<R>> tasks, Listener<R> listener);

  /** Whether tasks run in this process, which sees the same files under the same names. */
  boolean isLocal();
}
