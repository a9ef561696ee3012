package io.gohsp.method;

import io.gohsp.calibration.TaylorImportance;
import io.gohsp.importance.CalibrationLoss;
import io.gohsp.importance.Measured;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.plan.Importance;
import io.gohsp.plan.MagnitudeImportance;
import io.gohsp.plan.PlanSelector;
import io.gohsp.plan.PruningPlan;
import io.gohsp.rank.HeadGraph;
import io.gohsp.rank.HeadOrder;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.rank.Similarity;
import io.gohsp.ranking.HeadRanker;
import io.gohsp.ranking.HeadSimilarities;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.soft.SoftPruning;
import io.gohsp.soft.SoftSettings;
import io.gohsp.train.ParameterStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The method of the source: heads by the stationary distribution of a Markov chain on their graph,
 * everything imposed softly while the model trains, then cut.
 *
 * @param similarity what makes heads alike
 * @param chains how similarities become a chain
 * @param ranking how heads are ordered
 * @param columns what columns and neurons are first chosen by
 * @param soft how what goes is shrunk
 */
public record Gohsp(
    Similarity similarity,
    MarkovChain.Options chains,
    HeadRanking.Options ranking,
    Columns columns,
    SoftSettings soft)
    implements TrainedMethod {

  /** What columns and neurons are first chosen by; the source does not say. */
  public enum Columns {
    /** The size of their weights. */
    MAGNITUDE,
    /** How much the loss depends on them. */
    TAYLOR
  }

  @Override
  public String name() {
    return "gohsp";
  }

  @Override
  public String description() {
    return "ranks heads on a graph, prunes softly while the model trains, then cuts";
  }

  @Override
  public Planner planner(Evidence evidence) {
    boolean taylor = columns == Columns.TAYLOR || ranking.by().needsScores();
    Importance importance = taylor ? taylor(evidence) : MagnitudeImportance.of(evidence.working());
    if (ranking.by() != HeadOrder.TAYLOR) {
      List<HeadRanking> rankings =
          rank(evidence, importance).stream().map(RankedBlock::ranking).toList();
      Importance base =
          taylor && columns == Columns.MAGNITUDE
              ? MagnitudeImportance.of(evidence.working())
              : importance;
      importance = HeadRanking.applied(base, evidence.working().blocks(), rankings);
    }
    Importance scores = importance;
    return options ->
        PlanSelector.select(
            evidence.working(),
            scores,
            java.util.Objects.requireNonNull(options, "a budget"),
            provenance());
  }

  private static Importance taylor(Evidence evidence) {
    evidence.progress().accept("measuring what the loss depends on");
    return TaylorImportance.measure(
        evidence.working(),
        CalibrationLoss.of(evidence.working(), evidence.labelled()),
        Measured.GATES,
        evidence.calibration());
  }

  /** The head graphs of all blocks. */
  public List<RankedBlock> rank(Evidence evidence, Importance scores) {
    evidence.progress().accept("comparing heads");
    HeadSimilarities similarities =
        HeadRanker.measure(
            HeadGraph.of(evidence.original(), similarity, HeadGraph.AFFORDABLE_ROWS),
            evidence.calibration().samples(),
            HeadRanker.BATCH,
            evidence.calibration().options());
    return RankedBlock.of(evidence.working(), similarities, chains, ranking, scores);
  }

  private Map<String, String> provenance() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("method", name());
    all.put("similarity", similarity.name().toLowerCase(java.util.Locale.ROOT));
    all.put("ranking", ranking.toString());
    return all;
  }

  @Override
  public boolean isGradual() {
    return true;
  }

  @Override
  public PruningRule rule(
      Evidence evidence,
      PruningPlan plan,
      ParameterStore store,
      long steps,
      BiConsumer<Long, Remaining> listener) {
    return new SoftPruning(evidence.working(), store, plan, soft, steps, listener);
  }
}
