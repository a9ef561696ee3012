package io.gohsp.report;

import io.gohsp.PrunedModel;
import io.gohsp.cost.Cost;
import io.gohsp.equivalence.Provenance;
import io.gohsp.latency.MeasuredLatency;
import io.gohsp.phase.Soften;
import io.gohsp.phase.TrainedPhase;
import io.gohsp.phase.Tune;
import io.gohsp.pipeline.PruningResult;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.verify.Verdict;
import java.util.List;
import java.util.stream.Stream;
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
    PruningResult.@Nullable Outcome outcome) {

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
        result.choice().latency(),
        result.choice().heads(),
        result.phases(),
        result.outcome());
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
    return outcome == null ? 0 : outcome.corrected();
  }

  /** Updates that the result's weights have gone through. */
  public long trained() {
    return phases.stream().mapToLong(phase -> phase.training().updates()).sum();
  }

  /** Whether the model was trained before it was cut. */
  public boolean isSoftened() {
    return phases.stream().anyMatch(phase -> phase.name().equals(Soften.NAME));
  }

  /** Whether it was trained after it was cut, and that is kept. */
  public boolean isTuned() {
    return tuning().anyMatch(phase -> phase.training().updates() > 0);
  }

  /** Whether it was trained after it was cut, and what it was before is kept. */
  public boolean isTuningDropped() {
    return tuning().anyMatch(phase -> phase.training().updates() == 0);
  }

  private Stream<TrainedPhase> tuning() {
    return phases.stream().filter(phase -> phase.name().equals(Tune.NAME));
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
