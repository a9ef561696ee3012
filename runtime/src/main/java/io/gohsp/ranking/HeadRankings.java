package io.gohsp.ranking;

import java.util.List;

/**
 * The heads of a model, ranked.
 *
 * @param samples they were compared on
 * @param blocks one for each with attention, in the order of the graph
 */
public record HeadRankings(int samples, List<RankedBlock> blocks) {
  public HeadRankings {
    blocks = List.copyOf(blocks);
  }
}
