package io.gohsp.phase;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Phases one after the other. The last is asked first whether it has kept what it came to, then the
 * one before it, and so on; all that follow the first that has are run.
 *
 * @param <O> what the last phase comes to
 */
public final class Chain<O> {
  private final Run run;
  private final Supplier<O> outcome;

  private Chain(Run run, Supplier<O> outcome) {
    this.run = run;
    this.outcome = outcome;
  }

  /** No phase yet. */
  public static <I> Chain<I> of(I beginning, Run run) {
    return new Chain<>(run, () -> beginning);
  }

  /** With another phase at the end. */
  public <P> Chain<P> then(Phase<? super O, P> phase) {
    return new Chain<>(run, () -> resumed(phase));
  }

  /** Likewise, if there is one. */
  public Chain<O> optionally(@Nullable Phase<O, O> phase) {
    return phase == null ? this : then(phase);
  }

  private <P> P resumed(Phase<? super O, P> phase) {
    P earlier = phase.recall(run);
    if (earlier != null) {
      return earlier;
    }
    O before = outcome.get();
    run.listener().begins(phase.part());
    P now = phase.run(before, run);
    phase.keep(now, run);
    return now;
  }

  /** Runs all phases, or what an earlier call left to be done. */
  public O run() {
    return outcome.get();
  }
}
