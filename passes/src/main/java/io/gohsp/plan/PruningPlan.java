package io.gohsp.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What every block keeps. Written in terms of blocks, not of tensors, so that one plan fits every
 * form of a model: other precisions, other exporters, fused operators.
 *
 * @param blocks in the order of the graph, all of them
 * @param provenance where the plan comes from (method, budget, source hash, …), for people; not
 *     interpreted but for {@code sha256}
 */
public record PruningPlan(List<BlockPlan> blocks, Map<String, String> provenance) {
  public PruningPlan {
    blocks = List.copyOf(blocks);
    provenance = new LinkedHashMap<>(provenance);
  }

  /** Whether nothing is removed. */
  public boolean isEmpty() {
    return blocks.stream().allMatch(BlockPlan::isEmpty);
  }

  /** Whether columns are written in another basis before any goes. */
  public boolean changesBasis() {
    return !isEmpty() && blocks.stream().anyMatch(block -> block.basis() != null);
  }
}
