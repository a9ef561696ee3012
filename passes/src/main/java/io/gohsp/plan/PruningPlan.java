package io.gohsp.plan;

import io.gohsp.basis.Basis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every block keeps. Written in terms of blocks, not of tensors, so that one plan fits every
 * form of a model: other precisions, other exporters, fused operators. In a file, numbers may stand
 * in place of lists; it is a {@link PlanDraft} then.
 *
 * @param blocks in the order of the graph, all of them
 * @param provenance where the plan comes from (method, budget, source hash, …), for people; not
 *     interpreted but for {@code sha256}
 * @param streams the residual streams that are narrowed; those that stay as wide are left out
 */
public record PruningPlan(
    List<BlockPlan> blocks, Map<String, String> provenance, List<StreamPlan> streams) {
  public PruningPlan {
    blocks = List.copyOf(blocks);
    provenance = new LinkedHashMap<>(provenance);
    streams = List.copyOf(streams);
  }

  /** A plan that leaves streams as wide as they are. */
  public PruningPlan(List<BlockPlan> blocks, Map<String, String> provenance) {
    this(blocks, provenance, List.of());
  }

  /** Whether nothing is removed. */
  public boolean isEmpty() {
    return streams.isEmpty() && blocks.stream().allMatch(BlockPlan::isEmpty);
  }

  /** The same, from elsewhere. */
  public PruningPlan from(Map<String, String> newProvenance) {
    return new PruningPlan(blocks, newProvenance, streams);
  }

  /** The same, but for what it keeps of blocks. */
  public PruningPlan with(List<BlockPlan> newBlocks) {
    return new PruningPlan(newBlocks, provenance, streams);
  }

  /** The same, with some streams narrowed. */
  public PruningPlan narrowing(List<StreamPlan> newStreams) {
    return new PruningPlan(blocks, provenance, newStreams);
  }

  /**
   * The same, with what it cuts of columns written in other bases. What keeps all its columns needs
   * none.
   *
   * @param bases one for each block; null for the model's own
   */
  public PruningPlan in(List<@Nullable Basis> bases) {
    List<BlockPlan> all = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      BlockPlan block = blocks.get(i);
      Basis basis = bases.get(i);
      Basis needed =
          basis == null
              ? null
              : new Basis(
                  block.qkKept() == null ? null : basis.qk(),
                  block.vKept() == null ? null : basis.v());
      all.add(block.in(needed == null || needed.isEmpty() ? null : needed));
    }
    return with(all);
  }

  /** The same for a model that is in the plan's bases, and whose streams are narrowed, already. */
  public PruningPlan inOwnBasis() {
    return new PruningPlan(blocks.stream().map(block -> block.in(null)).toList(), provenance);
  }

  /** The plan of the same model that removes nothing, in its own basis. */
  public PruningPlan ofEverything() {
    return new PruningPlan(
        blocks.stream().map(block -> block.keeping(null, null, null, null).in(null)).toList(),
        provenance);
  }

  /** By block the basis that columns are written in; null for the model's own. */
  public List<@Nullable Basis> bases() {
    List<@Nullable Basis> all = new ArrayList<>();
    blocks.forEach(block -> all.add(block.basis()));
    return all;
  }

  /** Whether columns are written in another basis before any goes. */
  public boolean changesBasis() {
    return !isEmpty() && blocks.stream().anyMatch(block -> block.basis() != null);
  }
}
