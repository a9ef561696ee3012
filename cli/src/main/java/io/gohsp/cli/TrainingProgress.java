package io.gohsp.cli;

import io.gohsp.report.Quantity;
import io.gohsp.train.EpochReport;
import io.gohsp.train.Evaluation;
import io.gohsp.train.StepReport;
import io.gohsp.train.TrainingListener;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Training on stderr as it happens: a bar on a terminal, plain lines otherwise. */
final class TrainingProgress implements TrainingListener, AutoCloseable {
  /** Plain lines come no more often. */
  private static final long LINE_NANOS = 15_000_000_000L;

  private final ConsoleOptions console;
  private final PrintWriter err;
  private final Runnable ready;
  private @Nullable ProgressBar bar;
  private long lastLine = System.nanoTime();

  TrainingProgress(ConsoleOptions console, PrintWriter err, String data) {
    this(console, err, data, () -> {});
  }

  /**
   * @param data what is trained on, told at once
   * @param ready is run when training begins
   */
  TrainingProgress(ConsoleOptions console, PrintWriter err, String data, Runnable ready) {
    this.console = console;
    this.err = err;
    this.ready = ready;
    line(data);
  }

  /** A line of its own, unless {@code --quiet} was given. */
  void line(String text) {
    if (!console.quiet()) {
      err.println(text);
      err.flush();
    }
  }

  @Override
  public void begun() {
    ready.run();
  }

  @Override
  public void resumed(long step) {
    line("continues after step " + step);
  }

  @Override
  public void step(StepReport report) {
    if (console.quiet()) {
      return;
    }
    if (Terminal.isStderr()) {
      if (bar == null) {
        bar =
            new ProgressBarBuilder()
                .setTaskName("training")
                .setStyle(
                    Terminal.hasColor()
                        ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK
                        : ProgressBarStyle.UNICODE_BLOCK)
                .setInitialMax(report.steps())
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .hideEta()
                .build();
      }
      bar.stepTo(report.step());
      bar.setExtraMessage(state(report));
    } else if (System.nanoTime() - lastLine > LINE_NANOS) {
      lastLine = System.nanoTime();
      line("step %d of %d: %s".formatted(report.step(), report.steps(), state(report)));
    }
  }

  private static String state(StepReport report) {
    return String.format(
        Locale.ROOT,
        "epoch %d, loss %.4f, %.0f samples/s, %s left",
        report.epoch(),
        report.loss(),
        report.samplesPerSecond(),
        Quantity.duration(report.secondsLeft()));
  }

  private static void append(StringBuilder text, String score, double share) {
    if (Double.isFinite(share)) {
      text.append(String.format(Locale.ROOT, ", %s %.2f %%", score, 100 * share));
    }
  }

  @Override
  public void epoch(EpochReport report) {
    closeBar();
    Evaluation validation = report.validation();
    StringBuilder text =
        new StringBuilder(
            String.format(Locale.ROOT, "epoch %d: loss %.4f", report.epoch(), report.loss()));
    String score = validation == null ? "accuracy" : validation.score();
    append(text, score, report.accuracy());
    if (validation != null) {
      text.append(String.format(Locale.ROOT, "; validation loss %.4f", validation.loss()));
      append(text, score, validation.accuracy());
      text.append(report.best() ? " (best so far)" : "");
    }
    line(text.toString());
  }

  private void closeBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    closeBar();
  }
}
