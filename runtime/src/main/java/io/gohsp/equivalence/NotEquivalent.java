package io.gohsp.equivalence;

import io.gohsp.verify.Verdict;

/** A pruned model does not compute what it must; nothing was written. */
public final class NotEquivalent extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Verdict verdict;

  public NotEquivalent(Verdict verdict) {
    super(verdict.summary());
    this.verdict = verdict;
  }

  /** What was compared, and how far apart it is. */
  public Verdict verdict() {
    return verdict;
  }
}
