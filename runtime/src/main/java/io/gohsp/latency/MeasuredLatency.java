package io.gohsp.latency;

import io.gohsp.bench.Latency;
import io.gohsp.ort.Device;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a search for a latency measured, on the machine it ran on.
 *
 * @param target what was asked for
 * @param dense the original, in the last and longest measurement
 * @param pruned the chosen plan's model in the same rounds; its ratio is to the original
 * @param device where they ran
 * @param threads for one operator; 0 for one per core
 * @param align the alignment of the chosen plan
 * @param alignments what was measured to choose it, at equal multiply-accumulates; empty if it was
 *     given
 * @param candidates pruned models that were made and timed
 */
public record MeasuredLatency(
    LatencyTarget target,
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
}
