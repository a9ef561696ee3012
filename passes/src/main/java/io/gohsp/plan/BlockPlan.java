package io.gohsp.plan;

import io.gohsp.basis.Basis;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one block keeps, and how large it was: the sizes are checked before the plan is applied. A
 * block that keeps no heads loses its attention, one that keeps no neurons its MLP.
 *
 * @param block its name, "block 3"
 * @param heads heads before; null if the block has no attention
 * @param qkWidth query-key columns of a head before; null if there are none to speak of
 * @param vWidth value columns of a head before; likewise
 * @param neurons hidden units before; null if the block has no MLP
 * @param headsKept indices of the heads that stay, rising; null for all, empty for none
 * @param qkKept for each head that stays, the columns that stay; null for all, and where no head
 *     stays
 * @param vKept likewise for values
 * @param neuronsKept indices of the hidden units that stay, rising; null for all, empty for none
 * @param basis in which basis columns are written before any goes; null for the model's own
 */
public record BlockPlan(
    String block,
    @Nullable Integer heads,
    @Nullable Integer qkWidth,
    @Nullable Integer vWidth,
    @Nullable Integer neurons,
    @Nullable List<Integer> headsKept,
    @Nullable List<List<Integer>> qkKept,
    @Nullable List<List<Integer>> vKept,
    @Nullable List<Integer> neuronsKept,
    @Nullable Basis basis) {

  /** A block in the model's own basis. */
  public BlockPlan(
      String block,
      @Nullable Integer heads,
      @Nullable Integer qkWidth,
      @Nullable Integer vWidth,
      @Nullable Integer neurons,
      @Nullable List<Integer> headsKept,
      @Nullable List<List<Integer>> qkKept,
      @Nullable List<List<Integer>> vKept,
      @Nullable List<Integer> neuronsKept) {
    this(block, heads, qkWidth, vWidth, neurons, headsKept, qkKept, vKept, neuronsKept, null);
  }

  /** A plan for the same block, in the same basis, that keeps something else; null for all. */
  public BlockPlan keeping(
      @Nullable List<Integer> someHeads,
      @Nullable List<List<Integer>> someQk,
      @Nullable List<List<Integer>> someV,
      @Nullable List<Integer> someNeurons) {
    return new BlockPlan(
        block, heads, qkWidth, vWidth, neurons, someHeads, someQk, someV, someNeurons, basis);
  }

  /** The same, but with columns in another basis, in which the indices of columns count. */
  public BlockPlan in(@Nullable Basis newBasis) {
    return new BlockPlan(
        block, heads, qkWidth, vWidth, neurons, headsKept, qkKept, vKept, neuronsKept, newBasis);
  }

  /** Whether the attention goes as a whole. */
  public boolean dropsAttention() {
    return headsKept != null && headsKept.isEmpty();
  }

  /** Whether the MLP goes as a whole. */
  public boolean dropsMlp() {
    return neuronsKept != null && neuronsKept.isEmpty();
  }

  /** Query-key columns of a head that stay; 0 if the attention goes, null if all stay. */
  public @Nullable Integer qkCount() {
    return count(qkKept);
  }

  /** Value columns likewise. */
  public @Nullable Integer vCount() {
    return count(vKept);
  }

  private @Nullable Integer count(@Nullable List<List<Integer>> rows) {
    if (dropsAttention()) {
      return 0;
    }
    return rows == null || rows.isEmpty() ? null : (Integer) rows.get(0).size();
  }

  /** Whether the block keeps everything. */
  public boolean isEmpty() {
    return headsKept == null && qkKept == null && vKept == null && neuronsKept == null;
  }
}
