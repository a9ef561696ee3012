package io.gohsp.latency;

import io.gohsp.bench.Latency;
import io.gohsp.bench.Range;
import io.gohsp.cost.CostModel;
import io.gohsp.ir.Model;
import io.gohsp.latency.LatencySettings.Effort;
import io.gohsp.ort.Device;
import io.gohsp.plan.InvalidOption;
import io.gohsp.plan.PruningPlan;
import io.gohsp.prune.Pruning;

/** Makes pruned models in memory and times them in turns with the original. */
final class Candidates implements CandidateTimer {
  private final Model original;
  private final LatencyTarget target;
  private final PairTimer timer;
  private int timed;

  private Candidates(Model original, LatencyTarget target, PairTimer timer) {
    this.original = original;
    this.target = target;
    this.timer = timer;
  }

  /**
   * Makes the original ready to run.
   *
   * @throws InvalidOption if a batch is asked for that the model does not follow
   * @throws io.gohsp.ir.ModelException if the original does not run
   */
  static Candidates of(Model original, LatencyTarget target, LatencySettings settings) {
    return new Candidates(original, target, PairTimer.of(original, settings));
  }

  @Override
  public Device device() {
    return timer.device();
  }

  @Override
  public int timed() {
    return timed;
  }

  @Override
  public Trial time(PruningPlan plan, Effort effort, int doublings) {
    timed++;
    Model model = plan.isEmpty() ? original : Pruning.prune(original, plan);
    PairTimer.Pair pair = timer.time(model, effort, doublings, this::isClose);
    return Trial.of(plan, CostModel.of(model).macs(), pair.dense(), pair.other(), target);
  }

  private boolean isClose(Latency latency) {
    Range range = target.measured(latency);
    return range.low() <= target.limit() && target.limit() < range.high();
  }

  @Override
  public void close() {
    timer.close();
  }
}
