package io.gohsp.train;

import java.util.Locale;

/** How the learning rate changes over the steps of a run, as a factor of its peak. */
public enum Schedule {
  /** Stays at its peak. */
  CONSTANT {
    @Override
    double after(double progress) {
      return 1;
    }
  },
  /** Half a cosine, down to zero. */
  COSINE {
    @Override
    double after(double progress) {
      return (1 + Math.cos(Math.PI * progress)) / 2;
    }
  },
  /**
   * Up from 1/25 along half a cosine in the first 30 % of all steps, and down to 1/250,000 along
   * another (Smith and Topin, 2017). Has its own warm-up: others are ignored.
   */
  ONE_CYCLE {
    private static final double UP = 0.3;
    private static final double START = 1 / 25.0;
    private static final double END = START / 1e4;

    @Override
    double after(double progress) {
      return progress < UP
          ? between(START, 1, progress / UP)
          : between(1, END, (progress - UP) / (1 - UP));
    }

    @Override
    boolean warmsUpItself() {
      return true;
    }

    private double between(double from, double to, double part) {
      return to + (from - to) * (1 + Math.cos(Math.PI * part)) / 2;
    }
  },
  /** A tenth after half of the steps, a hundredth after three quarters. */
  STEP {
    @Override
    double after(double progress) {
      return progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01;
    }
  };

  /**
   * The factor once warm-up is over.
   *
   * @param progress from 0 at its end to 1 at the last step
   */
  abstract double after(double progress);

  boolean warmsUpItself() {
    return false;
  }

  /**
   * The factor of a step.
   *
   * @param step from 0
   * @param steps in all
   * @param warmup so many steps at the start rise linearly from near zero
   * @return in (0, 1], or 0 at the very end of a cosine
   */
  public double factor(long step, long steps, long warmup) {
    if (warmsUpItself()) {
      return after(steps < 2 ? 0 : step / (steps - 1.0));
    }
    if (step < warmup) {
      return (step + 1) / (double) (warmup + 1);
    }
    return after((step - warmup) / (double) Math.max(1, steps - warmup));
  }

  /** What the command line calls it: one-cycle. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
