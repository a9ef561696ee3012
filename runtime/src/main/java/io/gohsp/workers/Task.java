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
}
