package io.gohsp.workers;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Whoever does {@link Task}s. */
public interface Workers {
  /** Is told what came of a task, in the order in which they end; one call at a time. */
  interface Listener<R> {
    void done(int index, R result);
  }

  /**
   * Runs tasks, several at once; they begin in their order, as there is room.
   *
   * @return what came of them, in the order of the tasks, whichever ended first
   * @throws RuntimeException what a task threw, if one did; the others are not waited for
   */
  default <R extends Serializable> List<R> run(
      List<? extends Task<R>> tasks, Listener<R> listener) {
    List<R> results = new ArrayList<>(Collections.nCopies(tasks.size(), null));
    each(
        tasks,
        (i, result) -> {
          results.set(i, result);
          listener.done(i, result);
        });
    return results;
  }

  /** Likewise, and keeps nothing of what came of them. */
  <R extends Serializable> void each(List<? extends Task<R>> tasks, Listener<R> listener);

  /**
   * Likewise, shows what came of them in the order of the tasks, each as soon as it is its turn.
   */
  default <R extends Serializable> void inOrder(
      List<? extends Task<R>> tasks, Consumer<? super R> consumer) {
    Map<Integer, R> early = new HashMap<>();
    int[] next = {0};
    each(
        tasks,
        (i, result) -> {
          early.put(i, result);
          for (R own = early.remove(next[0]); own != null; own = early.remove(++next[0])) {
            consumer.accept(own);
          }
        });
  }

  /** How many tasks run at once, as far as is known. */
  int slots();

  /** How many processes these are in, as far as is known. */
  int processes();

  /** Whether tasks run in this process, which sees the same files under the same names. */
  boolean isLocal();

  /** Makes bytes ready for many tasks. */
  SharedBytes share(byte[] bytes);

  /**
   * The same workers for tasks that write to a folder: each makes sure first that it sees what this
   * process sees there.
   *
   * @param folder that exists
   */
  Workers sharing(Path folder);

  /**
   * The same workers for tasks that read some files: each makes sure first that it sees them.
   *
   * @param files or folders that this process sees
   */
  Workers seeing(List<Path> files);
}
