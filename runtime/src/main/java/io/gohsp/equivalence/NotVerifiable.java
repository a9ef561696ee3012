package io.gohsp.equivalence;

import io.gohsp.ir.ModelException;

/**
 * The original does not run, so nothing can be said about the pruned model; nothing was written.
 */
public final class NotVerifiable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotVerifiable(ModelException cause) {
    super("cannot be verified: " + cause.getMessage(), cause);
  }
}
