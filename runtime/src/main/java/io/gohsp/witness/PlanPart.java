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

  private static final String VALUES = "heads and values";
  private static final String COLUMNS = "query-key columns";
  private static final String NEURONS = "neurons";

  /** All parts that a plan cuts, block by block. */
  public static List<PlanPart> of(PruningPlan plan) {
    List<PlanPart> parts = new ArrayList<>();
    for (BlockPlan block : plan.blocks()) {
      if (count(block, true, false, false) > 0) {
        parts.add(part(VALUES, plan, block, true, false, false));
      }
      if (count(block, false, true, false) > 0) {
        parts.add(part(COLUMNS, plan, block, false, true, false));
      }
      if (count(block, false, false, true) > 0) {
        parts.add(part(NEURONS, plan, block, false, false, true));
      }
    }
    return parts;
  }

  /** Names of some parts of a block, as far as they lose something. */
  static List<String> names(BlockPlan block, boolean values, boolean columns, boolean neurons) {
    List<String> names = new ArrayList<>();
    if (count(block, values, false, false) > 0) {
      names.add(VALUES + " of " + block.block());
    }
    if (count(block, false, columns, false) > 0) {
      names.add(COLUMNS + " of " + block.block());
    }
    if (count(block, false, false, neurons) > 0) {
      names.add(NEURONS + " of " + block.block());
    }
    return names;
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
