package io.gohsp.ranking;

import io.gohsp.normalize.WorkingModel;
import io.gohsp.rank.HeadRanking;
import io.gohsp.rank.MarkovChain;
import io.gohsp.selection.Importance;
import io.gohsp.vit.AttentionPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The head graph of one block and what follows from it.
 *
 * @param block its name
 * @param similarity S, [heads][heads]
 * @param chain P and pi
 * @param ranking the order of the heads, and scores for a plan
 */
@SuppressWarnings("ArrayRecordComponent") // numbers; not compared as a whole
public record RankedBlock(
    String block, double[][] similarity, MarkovChain chain, HeadRanking ranking) {

  /** Number of heads. */
  public int heads() {
    return similarity.length;
  }

  /**
   * Ranks the heads of every block.
   *
   * @param working the model that was measured
   * @param scores head scores from elsewhere, in the order of the model's blocks; null if the
   *     ranking needs none
   * @return one for each block with attention, in the order of the graph; {@link
   *     HeadRanking#applied} makes their rankings part of an importance
   */
  public static List<RankedBlock> of(
      WorkingModel working,
      HeadSimilarities similarities,
      MarkovChain.Options chains,
      HeadRanking.Options options,
      @Nullable Importance scores) {
    List<RankedBlock> ranked = new ArrayList<>();
    for (int i = 0; i < working.blocks().size(); i++) {
      AttentionPart attention = working.blocks().get(i).attention();
      if (attention == null) {
        continue;
      }
      String name = working.blocks().get(i).name();
      double[][] s =
          Objects.requireNonNull(
              similarities.byBlock().get(name), () -> "no similarities of " + name);
      MarkovChain chain = MarkovChain.of(s, chains);
      double[] given = scores == null ? null : scores.blocks().get(i).heads();
      ranked.add(
          new RankedBlock(
              name, s, chain, HeadRanking.of(name, i, s.length, s, chain, given, options)));
    }
    return ranked;
  }
}
