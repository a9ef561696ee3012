package io.gohsp.selection;

import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much each group matters: the higher, the longer it stays. Scores of one kind (heads,
 * query-key columns, value columns, neurons) are compared with each other over all blocks, those of
 * different kinds never.
 *
 * @param blocks in the order of the model's blocks
 */
public record Importance(List<Scores> blocks) {
  public Importance {
    blocks = List.copyOf(blocks);
  }

  /** The same score for every group. */
  public static Importance constant(List<Block> blocks, double score) {
    List<Scores> all = new ArrayList<>();
    for (Block block : blocks) {
      Scores scores = Scores.zeros(block);
      for (GroupKind kind : GroupKind.values()) {
        Arrays.stream(scores.of(kind)).forEach(row -> Arrays.fill(row, score));
      }
      all.add(scores);
    }
    return new Importance(all);
  }

  /**
   * The scores of a block; finite numbers. What the block has not got is an empty array.
   *
   * @param heads [heads]
   * @param qk [heads][query-key columns of a head]
   * @param v [heads][value columns of a head]
   * @param neurons [neurons]
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by contents, see below
  public record Scores(double[] heads, double[][] qk, double[][] v, double[] neurons) {
    public Scores {
      requireFinite(heads);
      requireFinite(neurons);
      Arrays.stream(qk).forEach(Scores::requireFinite);
      Arrays.stream(v).forEach(Scores::requireFinite);
    }

    private static void requireFinite(double[] scores) {
      for (double score : scores) {
        if (!Double.isFinite(score)) {
          throw new IllegalArgumentException("a score is " + score);
        }
      }
    }

    /** All zero. */
    public static Scores zeros(Block block) {
      AttentionPart attention = block.attention();
      int heads = attention == null ? 0 : attention.headCount();
      int neurons = block.mlp() == null ? 0 : block.mlp().neurons().size();
      return new Scores(
          new double[heads],
          attention == null ? new double[0][] : columns(heads, attention.qk()),
          attention == null ? new double[0][] : columns(heads, attention.v()),
          new double[neurons]);
    }

    /**
     * The scores of one kind, [heads][columns] or [1][heads, neurons]: the arrays themselves, to be
     * written to.
     */
    public double[][] of(GroupKind kind) {
      return switch (kind) {
        case HEADS -> new double[][] {heads};
        case QK -> qk;
        case V -> v;
        case NEURONS -> new double[][] {neurons};
      };
    }

    private static double[][] columns(int heads, @Nullable PrunableAxis axis) {
      return axis == null ? new double[0][] : new double[heads][axis.size()];
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Scores that
          && Arrays.equals(heads, that.heads)
          && Arrays.deepEquals(qk, that.qk)
          && Arrays.deepEquals(v, that.v)
          && Arrays.equals(neurons, that.neurons);
    }

    @Override
    public int hashCode() {
      return Arrays.deepHashCode(new Object[] {heads, qk, v, neurons});
    }
  }
}
