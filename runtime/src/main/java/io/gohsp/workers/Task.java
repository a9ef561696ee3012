package io.gohsp.workers;

import java.io.Serializable;

/**
 * A piece of work that may be done in another process: it holds values and paths, no open files and
 * no state. What it returns depends on those alone; it may be run again if whoever ran it is lost.
 *
 * @param <R> what comes of it
 */
public interface Task<R extends Serializable> extends Serializable {
  /** Does the work. */
  R run();

  /**
   * Tasks of one place, 0 or more, are done by the same process as far as possible, which may have
   * kept something of an earlier one; -1 if it makes no difference.
   */
  default int place() {
    return -1;
  }

  /**
   * What comes of it if every process that ran it ended on the way; where nothing else is said,
   * that is an error.
   *
   * @param reason what is known, in a line
   * @throws WorkersException unless there is something better
   */
  default R lost(String reason) {
    throw new WorkersException(reason);
  }
}
