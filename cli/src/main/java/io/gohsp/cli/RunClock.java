package io.gohsp.cli;

import io.gohsp.phase.Part;
import io.gohsp.pipeline.Workload;
import io.gohsp.report.Quantity;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * About how long a whole run takes, from what runs over samples took in it: the original's
 * measurement, and training. Nothing is known before the first of them has gone on for a while. May
 * be asked on any thread.
 */
final class RunClock {
  /** Runs shorter than this need no telling, in seconds. */
  private static final double SHORT = 10;

  /** Seconds after which a part that goes on is taken for steady. */
  private static final double STEADY = 3;

  private final Workload work;
  private final LongSupplier nanos;
  private final long start;
  private long partStart;
  private @Nullable Part part;
  private double doneSamples;
  private double doneSeconds;
  private boolean told;

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
   * A part begins.
   *
   * @return what to say of the whole run, as soon as something is known of it; else null
   */
  synchronized @Nullable String begins(Part next) {
    if (next == part) {
      return null;
    }
    if (part != null && part.isProportional() && work.of(part) > 0) {
      doneSamples += work.of(part);
      doneSeconds += since(partStart);
    }
    part = next;
    partStart = nanos.getAsLong();
    return telling(secondsLeft());
  }

  /**
   * The original was measured on so many samples, and is still.
   *
   * @return as {@link #begins}
   */
  synchronized @Nullable String measured(long samples) {
    double seconds = since(partStart);
    if (part != Part.ORIGINAL || samples == 0 || seconds < STEADY) {
      return null;
    }
    double all = work.of(part) + work.after(part);
    return telling((all - samples) * seconds / samples);
  }

  private @Nullable String telling(double left) {
    if (told || !(left >= SHORT)) {
      return null;
    }
    told = true;
    return "about " + Quantity.duration(since(start) + left) + " in all";
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
