package io.gohsp.cli;

import io.gohsp.phase.Part;
import io.gohsp.phase.RunListener;
import io.gohsp.pipeline.Workload;
import io.gohsp.soft.Remaining;
import io.gohsp.train.EpochReport;
import io.gohsp.train.Evaluation;
import io.gohsp.train.StepReport;
import io.gohsp.train.TrainingListener;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A pipeline as it runs: phases, and within those that train, epochs. */
final class PipelineProgress implements RunListener, TrainingListener, AutoCloseable {
  private final Phases phases;
  private final TrainingProgress training;
  private final Consumer<Evaluation> dense;
  private String phase = "";
  private boolean announced;
  private @Nullable Remaining remaining;
  private @Nullable RunClock clock;

  /**
   * @param dense is shown how well the original does
   */
  PipelineProgress(Phases phases, TrainingProgress training, Consumer<Evaluation> dense) {
    this.phases = phases;
    this.training = training;
    this.dense = dense;
  }

  /** Tells how long the whole run takes, and not only its phases. */
  PipelineProgress of(Workload work) {
    RunClock all = new RunClock(work);
    clock = all;
    phases.remarking(all::left);
    return this;
  }

  @Override
  public void begins(Part part) {
    tell(clock == null ? null : clock.begins(part));
  }

  @Override
  public void measured(long samples) {
    tell(clock == null ? null : clock.measured(samples));
  }

  private void tell(@Nullable String whole) {
    if (whole != null) {
      phases.tell(whole);
    }
  }

  @Override
  public void doing(String next) {
    phases.accept(next);
    phase = next;
    announced = false;
    remaining = null;
  }

  @Override
  public TrainingListener training() {
    return this;
  }

  @Override
  public void dense(Evaluation evaluation) {
    dense.accept(evaluation);
  }

  @Override
  public void shrunk(long step, Remaining now) {
    remaining = now;
  }

  private void announce() {
    if (!announced) {
      phases.silence(); // what follows tells more
      training.line(phase);
      announced = true;
    }
  }

  @Override
  public void resumed(long step) {
    announce();
    training.resumed(step);
  }

  @Override
  public void step(StepReport report) {
    announce();
    training.step(
        clock == null ? report : report.withSecondsLeft(clock.secondsLeft(report.secondsLeft())));
  }

  @Override
  public void epoch(EpochReport report) {
    announce();
    training.epoch(report);
    if (remaining != null) {
      training.line("relative norm of pruned groups: " + text(remaining));
    }
  }

  /** The largest norm of a group that is pruned, by the median of those that are kept. */
  static String text(Remaining remaining) {
    return String.format(
        Locale.ROOT,
        "heads %.4f, columns %.4f, neurons %.4f",
        remaining.heads(),
        remaining.columns(),
        remaining.neurons());
  }

  @Override
  public void close() {
    training.close();
  }
}
