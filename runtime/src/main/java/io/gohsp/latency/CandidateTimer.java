package io.gohsp.latency;

import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.latency.LatencySettings.Effort;
import io.gohsp.ort.Device;
import io.gohsp.plan.PruningPlan;

/** Tells how long the model that a plan makes takes, beside the original. */
interface CandidateTimer extends AutoCloseable {
  /**
   * One candidate, timed.
   *
   * @param plan what it keeps
   * @param macs multiply-accumulates of a run
   * @param dense the original in the same rounds
   * @param pruned the candidate
   * @param range where its time lies, in the target's unit
   * @param fits whether it is fast enough beyond the uncertainty
   */
  record Trial(
      PruningPlan plan, long macs, Latency dense, Latency pruned, Range range, boolean fits) {
    static Trial of(
        PruningPlan plan, long macs, Latency dense, Latency pruned, LatencyTarget target) {
      Range range = target.measured(pruned);
      return new Trial(plan, macs, dense, pruned, range, range.high() <= target.limit());
    }
  }

  /**
   * Times the model that a plan makes; longer if it is close to the target.
   *
   * @param effort how long at first
   * @param doublings how often the rounds are doubled while the target lies within the uncertainty
   */
  Trial time(PruningPlan plan, Effort effort, int doublings);

  /** Where models run. */
  Device device();

  /** How many candidates were timed. */
  int timed();

  @Override
  void close();
}
