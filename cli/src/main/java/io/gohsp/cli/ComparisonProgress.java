package io.gohsp.cli;

import io.gohsp.compare.Cell;
import io.gohsp.compare.CellFailure;
import io.gohsp.compare.CellResult;
import io.gohsp.compare.ComparisonListener;
import io.gohsp.compare.Outlook;
import io.gohsp.compare.Results;
import io.gohsp.report.ComparisonNotes;
import io.gohsp.report.Quantity;
import io.gohsp.train.TrainingListener;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A comparison as it runs: cells, and within them what {@link PipelineProgress} tells. */
final class ComparisonProgress implements ComparisonListener, AutoCloseable {
  private final PrintWriter err;
  private final TrainingProgress training;
  private final PipelineProgress pipeline;
  private final Consumer<Results> files;
  private long since;
  private int firstNumber;

  /**
   * @param files keeps what is known so far
   */
  ComparisonProgress(
      Phases phases,
      ConsoleOptions console,
      PrintWriter err,
      String data,
      Consumer<Results> files) {
    this.err = err;
    this.files = files;
    training = new TrainingProgress(console, err, data);
    pipeline = new PipelineProgress(phases, training, dense -> {});
  }

  /**
   * What there is to do.
   *
   * @param out where that is all that is wanted; null if it is a line among others
   */
  void outlook(Outlook outlook, @Nullable PrintWriter out) {
    String text =
        String.format(
            Locale.ROOT,
            "%d runs of %,d updates, %d of them done; %s",
            outlook.cells(),
            outlook.steps(),
            outlook.finished(),
            outlook.left() == 0
                ? "nothing is left"
                : String.format(
                    Locale.ROOT,
                    "%.0f ms an update, the rest takes about %s",
                    1e3 * outlook.stepSeconds(),
                    Quantity.duration(outlook.seconds())));
    if (out == null) {
      training.line(text);
    } else {
      out.println(text);
      out.flush();
    }
  }

  @Override
  public void begins(Cell cell, int number, int of) {
    if (since == 0) {
      since = System.nanoTime();
      firstNumber = number;
    }
    int done = number - firstNumber;
    double each = done == 0 ? 0 : (System.nanoTime() - since) / 1e9 / done;
    training.line(
        "run %d of %d: %s".formatted(number, of, cell)
            + (done == 0
                ? ""
                : ", about " + Quantity.duration(each * (of - number + 1)) + " left"));
  }

  @Override
  public void phase(String name) {
    pipeline.doing(name);
  }

  @Override
  public TrainingListener training() {
    return pipeline;
  }

  @Override
  public void finished(CellResult result) {
    training.line(
        Double.isFinite(result.last().accuracy())
            ? String.format(
                Locale.ROOT,
                "accuracy %.2f %%, %.2f %% before training",
                100 * result.last().accuracy(),
                100 * result.untuned().accuracy())
            : String.format(
                Locale.ROOT,
                "loss %.4f, %.4f before training",
                result.last().loss(),
                result.untuned().loss()));
  }

  @Override
  public void failed(CellFailure failure) {
    pipeline.close();
    training.line("failed: " + ComparisonNotes.of(failure));
  }

  @Override
  public void know(Results results) {
    files.accept(results);
  }

  /** The list of what failed, an error even for those who want no news. */
  void failures(Results results) {
    if (results.failures().isEmpty()) {
      return;
    }
    err.println(
        "gohsp: %d of the runs failed; the same command tries them again"
            .formatted(results.failures().size()));
    results.failures().forEach(failure -> err.println("  " + ComparisonNotes.of(failure)));
    err.flush();
  }

  @Override
  public void close() {
    pipeline.close();
  }
}
