package io.gohsp.spark;

import java.io.PrintStream;
import java.lang.Thread.UncaughtExceptionHandler;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Ends the program where a thread of the driver runs out of memory. Most of them are Spark's own: a
 * thread that takes in results dies of it and nobody else is told, so that the job it was for would
 * be waited for without end.
 */
final class DriverMemory implements UncaughtExceptionHandler {
  /** As for anything unexpected. */
  private static final int EXIT_CODE = 1;

  private static final long MEGABYTE = 1L << 20;

  private final @Nullable UncaughtExceptionHandler others;
  private final PrintStream err;

  /** Made beforehand: there is no memory to do so when it is wanted. */
  private final byte[] line;

  /**
   * @param others whoever handles everything else; null for nobody in particular
   */
  DriverMemory(@Nullable UncaughtExceptionHandler others, PrintStream err) {
    this.others = others;
    this.err = err;
    line =
        ("gohsp: the driver is out of memory, with a heap of "
                + Runtime.getRuntime().maxMemory() / MEGABYTE
                + " MB; "
                + Losses.DRIVER_MEMORY
                + System.lineSeparator())
            .getBytes(StandardCharsets.UTF_8);
  }

  /** Watches all threads of this process. */
  static void watch() {
    Thread.setDefaultUncaughtExceptionHandler(
        new DriverMemory(Thread.getDefaultUncaughtExceptionHandler(), System.err));
  }

  @Override
  public void uncaughtException(Thread thread, Throwable e) {
    if (e instanceof OutOfMemoryError) {
      try {
        err.write(line, 0, line.length);
        err.flush();
      } finally { // and whatever else fails now
        Runtime.getRuntime().halt(EXIT_CODE);
      }
    }
    if (others != null) {
      others.uncaughtException(thread, e);
    } else {
      e.printStackTrace(err);
    }
  }
}
