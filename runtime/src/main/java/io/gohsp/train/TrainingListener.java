package io.gohsp.train;

/** Is told how training goes, on the thread that trains. */
public interface TrainingListener {
  /** Everything is made ready, and training begins. */
  default void begun() {}

  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** Training goes on from a checkpoint with so many updates made. */
  default void resumed(long step) {}

  default void step(StepReport report) {}

  default void epoch(EpochReport report) {}
}
