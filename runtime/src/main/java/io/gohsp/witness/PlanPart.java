package io.gohsp.witness;

import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * One part of one block that a plan cuts: heads and values, query-key columns, or neurons.
 *
 * @param name in words, for the user
 * @param alone a plan that cuts this part and nothing else
 */
public record PlanPart(String name, PruningPlan alone) {

  /** All parts that a plan cuts, block by block. */
  public static List<PlanPart> of(PruningPlan plan) {
    List<PlanPart> parts = new ArrayList<>();
    for (BlockPlan block : plan.blocks()) {
      if (count(block, true, false, false) > 0) {
        parts.add(part("heads and values", plan, block, true, false, false));
      }
      if (count(block, false, true, false) > 0) {
        parts.add(part("query-key columns", plan, block, false, true, false));
      }
      if (count(block, false, false, true) > 0) {
        parts.add(part("neurons", plan, block, false, false, true));
      }
    }
    return parts;
  }

  private static PlanPart part(
      String what,
      PruningPlan plan,
      BlockPlan only,
      boolean values,
      boolean columns,
      boolean neurons) {
    List<BlockPlan> blocks =
        plan.blocks().stream()
            .map(
                block ->
                    block.equals(only)
                        ? only(block, values, columns, neurons)
                        : only(block, false, false, false))
            .toList();
    return new PlanPart(what + " of " + only.block(), new PruningPlan(blocks, plan.provenance()));
  }

  /** How many of some parts of a block lose something. */
  static int count(BlockPlan block, boolean values, boolean columns, boolean neurons) {
    return (values && (block.headsKept() != null || block.vKept() != null) ? 1 : 0)
        + (columns && block.qkKept() != null ? 1 : 0)
        + (neurons && block.neuronsKept() != null ? 1 : 0);
  }

  /**
   * What a block's plan says of some parts; heads stay named where columns are listed by them. Of a
   * model that is in the plan's basis.
   */
  static BlockPlan only(BlockPlan b, boolean values, boolean columns, boolean neurons) {
    boolean qk = columns && b.qkKept() != null;
    return b.keeping(
            values || qk ? b.headsKept() : null,
            qk ? b.qkKept() : null,
            values ? b.vKept() : null,
            neurons ? b.neuronsKept() : null)
        .in(null);
  }
}
