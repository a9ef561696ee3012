package io.gohsp.soft;

/**
 * When, during a phase, it is chosen anew what goes: so many times, at even distances, the last
 * time after the last update; and how much goes by then.
 *
 * @param steps updates of the phase
 * @param count of rounds; where there are fewer updates, as many
 */
record Rounds(long steps, int count) {
  /** Whether a round ends after so many updates. */
  boolean isDue(long updates) {
    return updates > 0 && round(updates) > round(updates - 1);
  }

  private long round(long updates) {
    return updates * count / steps;
  }

  /**
   * What is kept of something after so many updates, by the cubic schedule of METHOD.md section 7:
   * {@code s_f + (s_i - s_f)(1 - (t - t_0) / (n Δt))³} of it are gone, where nothing is at first,
   * {@code s_i = 0}. Between two rounds it is as after the earlier one.
   *
   * @param all there were
   * @param last kept in the end
   */
  int kept(int all, int last, long updates) {
    double left = 1 - (double) round(updates) / count;
    return all - (int) Math.round((all - last) * (1 - left * left * left));
  }
}
