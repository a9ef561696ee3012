package io.gohsp.train;

import java.util.Locale;

/**
 * How the learning rate changes over the steps of a run, as a factor of its peak, and with it the
 * optimiser's momentum where a schedule has one of its own.
 */
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
   * another (Smith and Topin, 2017), while the momentum goes down from 0.95 to 0.85 and up again;
   * the very steps of PyTorch's OneCycleLR. Has its own warm-up: others are ignored.
   */
  ONE_CYCLE {
    private static final double UP = 0.3;
    private static final double START = 1 / 25.0;
    private static final double END = START / 1e4;
    private static final double MOST_MOMENTUM = 0.95;
    private static final double LEAST_MOMENTUM = 0.85;

    @Override
    public double factor(long step, long steps, long warmup) {
      return cycle(step, steps, START, 1, END);
    }

    @Override
    public double momentum(long step, long steps, double constant) {
      return cycle(step, steps, MOST_MOMENTUM, LEAST_MOMENTUM, MOST_MOMENTUM);
    }

    private double cycle(long step, long steps, double start, double turn, double end) {
      double peak = UP * steps - 1; // between two steps, as a rule
      if (peak <= 0) { // too few to rise
        return steps < 2 ? turn : between(turn, end, step / (steps - 1.0));
      }
      return step <= peak
          ? between(start, turn, step / peak)
          : between(turn, end, (step - peak) / (steps - 1 - peak));
    }

    @Override
    double after(double progress) {
      throw new AssertionError("it has no warm-up to come after");
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
   * @param progress from 0 at its end to just below 1 at the last step
   */
  abstract double after(double progress);

  /**
   * The factor of a step.
   *
   * @param step from 0
   * @param steps in all
   * @param warmup so many steps at the start rise linearly from near zero
   * @return in (0, 1]
   */
  public double factor(long step, long steps, long warmup) {
    if (step < warmup) {
      return (step + 1) / (double) (warmup + 1);
    }
    return after((step - warmup) / (double) Math.max(1, steps - warmup));
  }

  /**
   * The momentum of a step.
   *
   * @param step from 0
   * @param steps in all
   * @param constant the optimiser's own, which stays unless the schedule moves it
   */
  public double momentum(long step, long steps, double constant) {
    return constant;
  }

  /** What the command line calls it: one-cycle. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
