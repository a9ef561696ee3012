package io.gohsp.pipeline;

import io.gohsp.cost.Cost;
import io.gohsp.io.OnnxWriter;
import io.gohsp.ir.Model;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.phase.Recovered;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.phase.Tune;
import io.gohsp.plan.PruningPlan;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.train.Evaluation;
import io.gohsp.verify.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline came to.
 *
 * @param original the model that was pruned, as it was
 * @param model pruned and fine-tuned, with plan and verification in its metadata
 * @param before what the original costs
 * @param after what the result costs
 * @param choice of what stayed
 * @param cut how the cut compares with the masked model at that moment
 * @param phases of training, in their order
 * @param outcome how well the model does
 * @param origin where it comes from
 */
public record PruningResult(
    Model original,
    Model model,
    Cost before,
    Cost after,
    Choice choice,
    Verdict cut,
    List<TrainedPhase> phases,
    Outcome outcome,
    PruningSettings.Origin origin) {
  /**
   * What stayed, and what was looked at for it.
   *
   * @param heads the head graphs of all blocks; empty if the method does not look at them
   * @param latency what was measured, if a latency was asked for
   */
  public record Choice(
      PruningPlan plan, List<RankedBlock> heads, @Nullable MeasuredLatency latency) {
    public Choice {
      heads = List.copyOf(heads);
    }
  }

  /**
   * How well a model does on the validation part.
   *
   * @param dense the original
   * @param atCut the pruned model right after the cut
   * @param recovered what correction in closed form made of that; null if there was none
   * @param last the result
   */
  public record Outcome(
      Evaluation dense, Evaluation atCut, @Nullable Recovered recovered, Evaluation last) {
    /** Before fine-tuning: once cut, and corrected if it was. */
    public Evaluation untuned() {
      return recovered == null ? atCut : recovered.evaluation();
    }

    /** Layers that have other weights since the cut. */
    public long corrected() {
      return recovered == null ? 0 : recovered.corrected();
    }
  }

  /** What stayed. */
  public PruningPlan plan() {
    return choice.plan();
  }

  /**
   * Writes the model, whole or not at all.
   *
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    OnnxWriter.write(model, file);
  }

  /** Updates that its weights have gone through, in all phases. */
  public long trained() {
    return phases.stream().mapToLong(phase -> phase.training().updates()).sum();
  }

  /** Whether there was training after the cut. */
  public boolean isTuned() {
    return phases.stream().anyMatch(phase -> phase.name().equals(Tune.NAME));
  }
}
