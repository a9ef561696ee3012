package io.gohsp.compare;

import io.gohsp.train.TrainingListener;

/** Is told how a comparison goes, on the thread that runs it. */
public interface ComparisonListener {
  /** Hears nothing. */
  ComparisonListener NONE = new ComparisonListener() {};

  /**
   * A cell begins, or goes on.
   *
   * @param number among those that are not finished, from 1
   * @param of how many
   */
  default void begins(Cell cell, int number, int of) {}

  /** What is being done within a cell. */
  default void phase(String name) {}

  /** How training within a cell goes. */
  default TrainingListener training() {
    return TrainingListener.NONE;
  }

  default void finished(CellResult result) {}

  default void failed(CellFailure failure) {}

  /** There is more than before: another cell is over, or a latency is known. */
  default void know(Results results) {}
}
