package io.gohsp.method;

import io.gohsp.calibration.Calibration;
import io.gohsp.calibration.EnoughSamples;
import io.gohsp.calibration.Spread;
import io.gohsp.ir.Model;
import io.gohsp.method.PruningMethod.Planner;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.PruningPlan;
import io.gohsp.rank.HeadGraph;
import io.gohsp.rank.HeadOrder;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.rank.Similarity;
import io.gohsp.ranking.HeadRanker;
import io.gohsp.ranking.HeadSimilarities;
import io.gohsp.ranking.RankedBlock;
import io.gohsp.selection.Importance;
import io.gohsp.selection.MagnitudeImportance;
import io.gohsp.selection.PlanSelector;
import io.gohsp.soft.PruningRule;
import io.gohsp.soft.Remaining;
import io.gohsp.soft.SoftPruning;
import io.gohsp.soft.SoftSettings;
import io.gohsp.train.ParameterStore;
import io.gohsp.vit.Block;
import io.gohsp.workers.Shards;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The method of the source: heads by their graph, everything imposed softly while the model trains,
 * if it does before the cut, then cut. By default it is cut at once: correction in closed form
 * leaves little that a phase of shrinking would save (docs/RESULTS.md). The source ranks heads by
 * the stationary distribution of a Markov chain on the graph ({@link HeadOrder#GRAPH}); what the
 * graph is used for, columns and the rest are our choice.
 *
 * @param similarity what makes heads alike
 * @param chains how similarities become a chain
 * @param ranking how heads are ordered
 * @param soft how what goes is shrunk
 */
public record Gohsp(
    Similarity similarity,
    MarkovChain.Options chains,
    HeadRanking.Options ranking,
    SoftSettings soft)
    implements TrainedMethod {

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
    Scored scored = scores(evidence);
    Map<String, String> provenance = provenance();
    Planner planner =
        options ->
            PlanSelector.select(
                evidence.working(), scored.importance(), Selection.required(options), provenance);
    return new Findings(planner, scored.heads());
  }

  /**
   * What everything is worth, whoever says how much stays.
   *
   * @throws io.gohsp.data.DataException if the samples cannot be used
   */
  public Importance importance(Evidence evidence) {
    return scores(evidence).importance();
  }

  private record Scored(Importance importance, List<RankedBlock> heads) {}

  private Scored scores(Evidence evidence) {
    HeadOrder by = ranking.by();
    Importance losses = evidence.losses().get();
    Importance scores =
        by == HeadOrder.TAYLOR || by == HeadOrder.MMR
            ? losses
            : MagnitudeImportance.of(evidence.working());
    List<RankedBlock> heads = by.needsSimilarity() ? graphs(evidence, scores) : List.of();
    List<HeadRanking> rankings =
        by.needsSimilarity()
            ? heads.stream().map(RankedBlock::ranking).toList()
            : byScores(evidence.working(), scores);
    return new Scored(HeadRanking.applied(losses, evidence.working().blocks(), rankings), heads);
  }

  private List<RankedBlock> graphs(Evidence evidence, Importance scores) {
    if (evidence.working().blocks().stream().noneMatch(Gohsp::hasHeads)) {
      return List.of(); // columns and neurons may go all the same
    }
    evidence.progress().accept("comparing heads");
    Calibration enough =
        EnoughSamples.of(evidence.working(), evidence.calibration()).inBatchesOf(Calibration.BATCH);
    Heads compared = new Heads(similarity);
    HeadSimilarities similarities =
        HeadRanker.measure(
            compared.graph(evidence.original(), enough),
            enough.samples(),
            Calibration.BATCH,
            enough.options(),
            Spread.shards(enough, evidence.original(), compared));
    return RankedBlock.of(evidence.working(), similarities, chains, ranking, scores);
  }

  /** What is added up to compare heads. */
  private record Heads(Similarity similarity) implements Spread.Summing {
    HeadGraph graph(Model model, Calibration on) {
      return HeadGraph.of(model, similarity, HeadGraph.AFFORDABLE_ROWS, on.mask());
    }

    @Override
    public Shards.Summing of(Model model, Calibration all) {
      return HeadRanker.summing(graph(model, all), all.samples(), Calibration.BATCH, all.options());
    }
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
    return all;
  }

  /** There may be a phase before the cut, although no share of training is meant for it. */
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
    return new SoftPruning(
        evidence.working(), store, plan, soft, evidence.calibration(), steps, listener);
  }
}
