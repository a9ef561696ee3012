package io.gohsp.report;

import io.gohsp.PrunedModel;
import io.gohsp.cost.Cost;
import io.gohsp.equivalence.Provenance;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.phase.Recovered;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.train.Evaluation;
import io.gohsp.verify.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report shows. A run without data has no rankings, phases and outcome; what is missing is
 * left out of the report.
 *
 * @param run what was done
 * @param plan what stays, and in its provenance what was asked for
 * @param sourceSha256 of the original; null if it was made in memory
 * @param before what the original costs
 * @param after what the result costs
 * @param verdict how the cut compares with what it must equal; null if that was not asked for
 * @param latency null if none was measured
 * @param rankings head graphs, one for each block that has one; empty if heads were not ranked
 * @param phases of training, in their order
 * @param outcome null if there was nothing to measure it on
 */
public record PruningReport(
    Run run,
    PruningPlan plan,
    @Nullable String sourceSha256,
    Cost before,
    Cost after,
    @Nullable Verdict verdict,
    @Nullable MeasuredLatency latency,
    List<RankedBlock> rankings,
    List<TrainedPhase> phases,
    @Nullable Outcome outcome) {

  /**
   * How well the model does on data it is not trained on.
   *
   * @param dense the original
   * @param atCut the pruned model right after the cut
   * @param recovered what correction in closed form made of that; null if there was none
   * @param last the result
   */
  public record Outcome(
      Evaluation dense, Evaluation atCut, @Nullable Recovered recovered, Evaluation last) {}

  public PruningReport {
    rankings = List.copyOf(rankings);
    phases = List.copyOf(phases);
  }

  /**
   * The report of a run without data.
   *
   * @param verdict null if the model was not verified
   */
  public static PruningReport of(PrunedModel pruned, @Nullable Verdict verdict, Run run) {
    return new PruningReport(
        run,
        pruned.plan(),
        pruned.isCopy()
            ? pruned.plan().provenance().get("sha256")
            : pruned.model().metadata().get(Provenance.SOURCE),
        pruned.before(),
        pruned.after(),
        verdict,
        pruned.latency(),
        List.of(),
        List.of(),
        null);
  }

  /** The report of a run that trained. */
  public static PruningReport of(PruningResult result, Run run) {
    return new PruningReport(
        run,
        result.plan(),
        result.model().metadata().get(Provenance.SOURCE),
        result.before(),
        result.after(),
        result.cut(),
        result.latency(),
        result.heads(),
        result.phases(),
        new Outcome(result.dense(), result.atCut(), result.recovered(), result.last()));
  }

  /** The same, with what was measured of a model that no latency was asked of. */
  public PruningReport timed(@Nullable MeasuredLatency measured) {
    return new PruningReport(
        run, plan, sourceSha256, before, after, verdict, measured, rankings, phases, outcome);
  }

  /** What every block keeps. */
  public List<BlockPlan> blocks() {
    return plan.blocks();
  }

  /** Whether nothing was removed or trained, so that the result is the original. */
  public boolean isCopy() {
    return plan.isEmpty() && phases.isEmpty();
  }

  /** Whether the result may do worse than the original, and nobody knows how much. */
  public boolean isUnmeasured() {
    return outcome == null
        && !isCopy()
        && (verdict == null || verdict.mode() != Verdict.Mode.PLAIN);
  }

  /** Layers that have other weights since the cut. */
  public long corrected() {
    return outcome == null || outcome.recovered() == null ? 0 : outcome.recovered().corrected();
  }

  /** Updates that the result's weights have gone through. */
  public long trained() {
    return phases.stream().mapToLong(phase -> phase.training().updates()).sum();
  }

  /** Whether the comparison is true of the cut alone, and no longer of what was written. */
  public boolean isChanged() {
    return corrected() > 0 || trained() > 0;
  }

  /** What decided what stays, as the plan says; null if it does not. */
  public @Nullable String method() {
    return plan.provenance().get("method");
  }
}
