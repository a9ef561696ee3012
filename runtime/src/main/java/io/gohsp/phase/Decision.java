package io.gohsp.phase;

import io.gohsp.latency.MeasuredLatency;
import io.gohsp.plan.PruningPlan;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.train.Evaluation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline finds out before it trains.
 *
 * @param plan how much stays, and what for the time being
 * @param heads the head graphs of all blocks; empty if the method does not look at them
 * @param latency what was measured, if a latency was asked for
 * @param dense the original on the validation part
 */
public record Decision(
    PruningPlan plan,
    List<RankedBlock> heads,
    @Nullable MeasuredLatency latency,
    Evaluation dense) {
  public Decision {
    heads = List.copyOf(heads);
  }
}
