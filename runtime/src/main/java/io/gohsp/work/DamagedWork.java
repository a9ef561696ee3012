package io.gohsp.work;

import java.nio.file.Path;

/** A file in a work directory is not what was written there. The message says what to do. */
public final class DamagedWork extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param file that is damaged
   * @param problem what is wrong with it
   */
  public DamagedWork(Path file, String problem) {
    super(message(file, problem, "it"));
  }

  /**
   * Likewise.
   *
   * @param remove what to remove to begin again
   */
  public DamagedWork(Path file, String problem, String remove) {
    super(message(file, problem, remove));
  }

  /** Likewise, for a reason that something else ran into. */
  public DamagedWork(Path file, String problem, Throwable cause) {
    super(message(file, problem, "it"), cause);
  }

  private static String message(Path file, String problem, String remove) {
    return "%s is damaged: %s; remove %s to begin again".formatted(file, problem, remove);
  }
}
