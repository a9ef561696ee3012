package io.gohsp.cli;

import io.gohsp.pipeline.Workload;
import io.gohsp.pipeline.Workload.Part;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * About how long a whole run takes, from what its finished parts took. Nothing is known before the
 * first of them is over. May be asked on any thread.
 */
final class RunClock {
  /** Runs shorter than this need no telling. */
  private static final double SHORT = 10;

  private final Workload work;
  private final LongSupplier nanos;
  private final long start;
  private long partStart;
  private @Nullable Part part;
  private double doneSamples;
  private double doneSeconds;

  RunClock(Workload work) {
    this(work, System::nanoTime);
  }

  /**
   * @param nanos a clock
   */
  RunClock(Workload work, LongSupplier nanos) {
    this.work = work;
    this.nanos = nanos;
    start = nanos.getAsLong();
    partStart = start;
  }

  private double since(long from) {
    return (nanos.getAsLong() - from) / 1e9;
  }

  /**
   * A phase begins.
   *
   * @return what to say of the whole run, once something is known of it; else null
   */
  synchronized @Nullable String begins(String phase) {
    Part next = Part.of(phase, part);
    if (next == part) {
      return null;
    }
    boolean first = doneSamples == 0;
    if (part != null && work.of(part) > 0) {
      doneSamples += work.of(part);
      doneSeconds += since(partStart);
    }
    part = next;
    partStart = nanos.getAsLong();
    double left = secondsLeft();
    return first && left >= SHORT
        ? "about " + Quantity.duration(since(start) + left) + " in all"
        : null;
  }

  /** Until the end of the run; NaN if nobody knows. */
  synchronized double secondsLeft() {
    if (doneSamples == 0 || part == null) {
      return Double.NaN;
    }
    double sample = doneSeconds / doneSamples;
    return Math.max(0, work.of(part) * sample - since(partStart)) + work.after(part) * sample;
  }

  /**
   * Likewise, in training.
   *
   * @param training until its last update
   */
  synchronized double secondsLeft(double training) {
    return doneSamples == 0 || part == null
        ? training
        : training + work.after(part) * doneSeconds / doneSamples;
  }

  /** What to add to a line about a phase; empty if there is nothing to say. */
  String left() {
    double left = secondsLeft();
    return left >= SHORT
        ? String.format(Locale.ROOT, " (about %s left)", Quantity.duration(left))
        : "";
  }
}
