package io.gohsp.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells on stderr what takes long, as it happens; with {@code -v} also how long each phase took.
 */
final class Phases implements Consumer<String>, AutoCloseable {
  /** A phase shorter than this is not worth a line. */
  private static final long PATIENCE_MS = 3_000;

  private final ConsoleOptions console;
  private final PrintWriter err;
  private @Nullable Timer timer;
  private @Nullable String current;
  private long start;
  private Supplier<String> remark = () -> "";

  Phases(ConsoleOptions console, PrintWriter err) {
    this.console = console;
    this.err = err;
  }

  /** Adds something to what is said of phases that take long. */
  void remarking(Supplier<String> newRemark) {
    remark = newRemark;
  }

  @Override
  public void accept(String phase) {
    finish();
    current = phase;
    start = System.nanoTime();
    if (!console.quiet()) {
      timer = new Timer("gohsp-progress", true);
      timer.schedule(
          new TimerTask() {
            @Override
            public void run() {
              try {
                err.println("gohsp: " + phase + " ..." + remark.get());
                err.flush();
              } catch (OutOfMemoryError e) {
                cancel(); // the phase ends by it too, and says so
              }
            }
          },
          PATIENCE_MS);
    }
  }

  /** Says what the current phase came to, unless nobody wants to hear; it is over. */
  void tell(String result) {
    finish();
    if (!console.quiet()) {
      err.println("gohsp: " + result);
      err.flush();
    }
  }

  /** Says nothing more of the current phase, which tells of itself. */
  void silence() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** The current phase is over, and none follows at once. */
  void finish() {
    silence();
    if (current != null && console.showsPhases()) {
      double ms = (System.nanoTime() - start) / 1e6;
      err.println(String.format(Locale.ROOT, "%7.0f ms  %s", ms, current));
      err.flush();
    }
    current = null;
  }

  @Override
  public void close() {
    finish();
  }
}
