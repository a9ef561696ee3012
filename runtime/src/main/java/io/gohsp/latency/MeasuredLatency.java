package io.gohsp.latency;

import io.gohsp.bench.Latency;
import io.gohsp.ir.Model;
import io.gohsp.ort.Device;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How long two models take on the machine that measured it, and what a search for a latency found.
 *
 * @param target what was asked for; null if nothing was, and the pair just measured
 * @param dense the original, in the last and longest measurement
 * @param pruned the chosen plan's model in the same rounds; its ratio is to the original
 * @param device where they ran
 * @param threads for one operator; 0 for one per core
 * @param align the alignment of the chosen plan; 1 if none was searched for
 * @param alignments what was measured to choose it, at equal multiply-accumulates; empty if it was
 *     given
 * @param candidates pruned models that were made and timed
 */
public record MeasuredLatency(
    @Nullable LatencyTarget target,
    Latency dense,
    Latency pruned,
    Device device,
    int threads,
    int align,
    List<Alignment> alignments,
    int candidates) {

  /**
   * One alignment that was tried.
   *
   * @param align of widths
   * @param latency null if no plan of this alignment has the same multiply-accumulates
   */
  public record Alignment(int align, @Nullable Latency latency) {}

  public MeasuredLatency {
    alignments = List.copyOf(alignments);
  }

  /**
   * Times a model against its original.
   *
   * @throws io.gohsp.plan.InvalidOption if a batch is asked for that the model does not follow
   * @throws io.gohsp.ir.ModelException if one of them does not run
   */
  public static MeasuredLatency between(Model original, Model pruned, LatencySettings how) {
    try (PairTimer timer = PairTimer.of(original, how)) {
      PairTimer.Pair pair = timer.time(pruned);
      return new MeasuredLatency(
          null, pair.dense(), pair.other(), timer.device(), how.threads(), 1, List.of(), 0);
    }
  }
}
