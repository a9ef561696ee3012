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
 * @param model pruned and fine-tuned, with plan and verification in its metadata
 * @param plan what stayed
 * @param cut how the cut compares with the masked model at that moment
 * @param phases of training, in their order
 * @param dense the original on the validation part
 * @param atCut the pruned model right after the cut
 * @param last the result
 * @param before what the original costs
 * @param after what the result costs
 * @param heads the head graphs of all blocks; empty if the method does not look at them
 * @param latency what was measured, if a latency was asked for
 * @param recovered what closed-form correction did after the cut; null if there was none
 * @param origin where it comes from
 */
public record PruningResult(
    Model original,
    Model model,
    PruningPlan plan,
    Verdict cut,
    List<TrainedPhase> phases,
    Evaluation dense,
    Evaluation atCut,
    Evaluation last,
    Cost before,
    Cost after,
    List<RankedBlock> heads,
    @Nullable MeasuredLatency latency,
    @Nullable Recovered recovered,
    PruningSettings.Origin origin) {
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

  /** How it did before fine-tuning: once cut, and corrected if it was. */
  public Evaluation untuned() {
    return recovered == null ? atCut : recovered.evaluation();
  }

  /** Whether there was training after the cut. */
  public boolean isTuned() {
    return phases.stream().anyMatch(phase -> phase.name().equals(Tune.NAME));
  }
}
