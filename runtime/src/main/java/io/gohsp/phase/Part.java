package io.gohsp.phase;

/** What a run takes its time for, in its order. */
public enum Part {
  ORIGINAL(true),
  STUDY(false),
  TRIALS(false),
  SOFT(true),
  CUT(false),
  RECOVER(false),
  TUNE(true);

  private final boolean proportional;

  Part(boolean proportional) {
    this.proportional = proportional;
  }

  /**
   * Whether it is nothing but runs over samples, so that it tells how long one takes. Others solve
   * equations, compare or make models ready beside that.
   */
  public boolean isProportional() {
    return proportional;
  }
}
