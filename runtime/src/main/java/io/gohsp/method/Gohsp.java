package io.gohsp.method;

import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.normalize.WorkingModel;
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
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The method of the source: heads by their graph, everything imposed softly while the model trains,
 * then cut. The source ranks heads by the stationary distribution of a Markov chain on the graph
 * ({@link HeadOrder#GRAPH}); what the graph is used for, columns and the rest are our choice.
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

  /**
   * The rest brings accuracy back. Measured on CIFAR-10 (docs/RESULTS.md): an eighth does better
   * than a third, and than nothing.
   */
  private static final double SHARE = 1 / 8.0;

  /**
   * Heads are compared on so many samples at most. Others change π by about 0.002, and more change
   * it no less (docs/PERFORMANCE.md).
   */
  private static final int COMPARED = 256;

  /** What columns and neurons are first chosen by; the source does not say. */
  public enum Columns {
    /** The size of their weights. */
    MAGNITUDE,
    /** What the loss rises by, once what stays has made up for what it can. */
    LOSS
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
  public Findings study(Evidence evidence) {
    HeadOrder by = ranking.by();
    Importance magnitude = MagnitudeImportance.of(evidence.working());
    Importance scores =
        by == HeadOrder.TAYLOR || by == HeadOrder.MMR ? evidence.losses().get() : magnitude;
    List<RankedBlock> heads = by.needsSimilarity() ? graphs(evidence, scores) : List.of();
    List<HeadRanking> rankings =
        by.needsSimilarity()
            ? heads.stream().map(RankedBlock::ranking).toList()
            : byScores(evidence.working(), scores);
    Importance base =
        switch (columns) {
          case MAGNITUDE -> magnitude;
          case LOSS -> evidence.losses().get();
        };
    Importance importance = HeadRanking.applied(base, evidence.working().blocks(), rankings);
    Map<String, String> provenance = provenance();
    Planner planner =
        options ->
            PlanSelector.select(
                evidence.working(), importance, Selection.required(options), provenance);
    return new Findings(planner, heads);
  }

  private List<RankedBlock> graphs(Evidence evidence, Importance scores) {
    if (evidence.working().blocks().stream().noneMatch(Gohsp::hasHeads)) {
      return List.of(); // columns and neurons may go all the same
    }
    evidence.progress().accept("comparing heads");
    HeadSimilarities similarities =
        HeadRanker.measure(
            HeadGraph.of(
                evidence.original(),
                similarity,
                HeadGraph.AFFORDABLE_ROWS,
                evidence.calibration().mask()),
            evidence.calibration().atMost(COMPARED).samples(),
            HeadRanker.BATCH,
            evidence.calibration().options());
    return RankedBlock.of(evidence.working(), similarities, chains, ranking, scores);
  }

  private static boolean hasHeads(Block block) {
    return block.attention() != null && block.attention().headCount() > 1;
  }

  /** Rankings that need no graph. */
  private List<HeadRanking> byScores(WorkingModel working, Importance scores) {
    List<HeadRanking> rankings = new ArrayList<>();
    for (int i = 0; i < working.blocks().size(); i++) {
      Block block = working.blocks().get(i);
      double[] own = scores.blocks().get(i).heads();
      if (block.attention() != null) {
        rankings.add(HeadRanking.of(block.name(), i, own.length, null, null, own, ranking));
      }
    }
    return rankings;
  }

  private Map<String, String> provenance() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("method", name());
    all.put("ranking", ranking.by().id());
    if (ranking.by().needsSimilarity()) {
      all.put("similarity", similarity.id());
    }
    all.put("removed", ranking.removeHighest() ? "highest" : "lowest");
    all.put("columns", columns.name().toLowerCase(Locale.ROOT));
    return all;
  }

  @Override
  public double share() {
    return SHARE;
  }

  @Override
  public PruningRule rule(
      Evidence evidence,
      PruningPlan plan,
      ParameterStore store,
      long steps,
      BiConsumer<Long, Remaining> listener) {
    // Norms decide again and again where they have decided at first; other scores are not to be had
    // while the model trains, so that what they chose stays chosen.
    SoftSettings settings = columns == Columns.MAGNITUDE ? soft : soft.withFreeze(1);
    return new SoftPruning(
        evidence.working(), store, plan, settings, evidence.calibration(), steps, listener);
  }
}
