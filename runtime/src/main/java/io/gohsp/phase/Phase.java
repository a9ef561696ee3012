package io.gohsp.phase;

import org.jspecify.annotations.Nullable;

/**
 * A step of pruning with data. With the same input and run it comes to the same, to the byte; that
 * is why a run that was interrupted may go on from whatever phase has kept what it came to, and do
 * the rest again. What takes long within a phase is kept by the trainer's checkpoints ({@link
 * Run#trainer}).
 *
 * @param <I> what it begins with
 * @param <O> what it comes to
 */
public interface Phase<I, O> {
  /** What its time is counted as. */
  Part part();

  /** Goes one step further. */
  O run(I before, Run run);

  /**
   * What the phase came to in an earlier call with the same work directory. Nothing before it is
   * run then.
   *
   * @return null if that was not kept
   * @throws io.gohsp.plan.InvalidOption if the directory belongs to another run
   * @throws io.gohsp.work.DamagedWork if what was kept is damaged
   */
  default @Nullable O recall(Run run) {
    return null;
  }

  /** Keeps what the phase came to for {@link #recall}, if there is a work directory. */
  default void keep(O outcome, Run run) {}
}
