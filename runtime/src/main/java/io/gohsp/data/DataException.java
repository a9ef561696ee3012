package io.gohsp.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Data cannot be used as they are. The message says where, what is wrong, what was expected, and
 * what to do.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param where file, array or sample
   * @param problem what is wrong and what was expected
   * @param hint what to do
   */
  public DataException(String where, String problem, String hint) {
    this(where, problem, hint, null);
  }

  public DataException(Path where, String problem, String hint) {
    this(where.toString(), problem, hint, null);
  }

  public DataException(String where, String problem, String hint, @Nullable Throwable cause) {
    super(where + ": " + problem + " (" + hint + ")", cause);
  }

  /** A file that should be there cannot be read. */
  static DataException unreadable(Object where, Exception cause) {
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new DataException(
        where.toString(),
        "cannot be read: " + reason,
        "check that the file is complete and may be read",
        cause);
  }
}
