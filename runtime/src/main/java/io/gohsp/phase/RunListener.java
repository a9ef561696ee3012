package io.gohsp.phase;

import io.gohsp.ir.Model;
import io.gohsp.soft.Remaining;
import io.gohsp.train.Evaluation;
import io.gohsp.train.TrainingListener;
import java.util.function.Consumer;

/** Is told how a run goes, on the thread that runs it. */
public interface RunListener {
  /** Hears nothing. */
  RunListener NONE = new RunListener() {};

  /**
   * Hears what is being done, and how training goes.
   *
   * @param progress hears {@link #doing}
   */
  static RunListener of(Consumer<String> progress, TrainingListener training) {
    return new RunListener() {
      @Override
      public void doing(String what) {
        progress.accept(what);
      }

      @Override
      public TrainingListener training() {
        return training;
      }
    };
  }

  /** What the time from now on is counted as; may be told again of the part that is going on. */
  default void begins(Part part) {}

  /**
   * How far the measurement of a model is that is going on.
   *
   * @param samples measured on so far
   */
  default void measured(long samples) {}

  /** What is being done, in a word or two, whenever that changes. */
  default void doing(String what) {}

  /** How training goes. */
  default TrainingListener training() {
    return TrainingListener.NONE;
  }

  /** How well the original does, as soon as that is known. */
  default void dense(Evaluation evaluation) {}

  /**
   * How small what goes has become.
   *
   * @param step updates made
   */
  default void shrunk(long step, Remaining remaining) {}

  /**
   * The model as it is right after the cut, verified and not yet corrected or fine-tuned, once in
   * each run; it must not be changed.
   */
  default void cut(Model pruned) {}
}
