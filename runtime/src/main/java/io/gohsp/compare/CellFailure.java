package io.gohsp.compare;

import org.jspecify.annotations.Nullable;

/**
 * A cell that came to nothing. The next run tries it again, from where it was.
 *
 * @param method its name
 * @param budget how much was to stay; null for the control
 * @param seed of the run
 * @param reason in a line
 */
public record CellFailure(String method, @Nullable String budget, long seed, String reason) {
  static CellFailure of(Cell cell, String reason) {
    return new CellFailure(cell.method(), cell.budget(), cell.seed(), reason);
  }

  /** An exception in a line or more. */
  static String reason(Throwable e) {
    String message = e.getMessage() == null ? "" : ": " + e.getMessage();
    return e.getClass().getSimpleName() + message;
  }
}
