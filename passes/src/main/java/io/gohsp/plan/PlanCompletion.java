package io.gohsp.plan;

import io.gohsp.axis.Factor;
import io.gohsp.ir.Location;
import io.gohsp.ir.ModelException;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.MlpPart;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Axes that blocks share (a common rotary table, tied weights) are cut in all of them or in none. A
 * plan that names them in one block alone is completed: what it says of one, it says of all. So a
 * plan lists everything that goes.
 */
public final class PlanCompletion {
  /** Where a plan's provenance tells what was added to it. */
  public static final String PROVENANCE = "completed";

  private final Location location;
  private final Keeps keeps;
  private final List<String> added = new ArrayList<>();

  private PlanCompletion(Location location, Keeps keeps) {
    this.location = location;
    this.keeps = keeps;
  }

  /**
   * The plan with everything that goes.
   *
   * @param blocks of the model that the plan is for
   * @return the plan itself if nothing is missing; otherwise its provenance says what was added
   * @throws ModelException.BadPlan if it does not fit the model, contradicts itself, or cuts what
   *     another part is made of in a way that nothing can be said of that part
   */
  public static PruningPlan complete(PruningPlan plan, List<Block> blocks, Location location) {
    Keeps keeps = PlanResolver.resolvePart(plan, blocks, location);
    PlanCompletion completion = new PlanCompletion(location, keeps);
    List<BlockPlan> complete =
        IntStream.range(0, blocks.size())
            .mapToObj(i -> completion.complete(plan.blocks().get(i), blocks.get(i)))
            .toList();
    if (completion.added.isEmpty()) {
      return plan;
    }
    Map<String, String> provenance = new LinkedHashMap<>(plan.provenance());
    provenance.put(PROVENANCE, String.join(", ", completion.added));
    return plan.with(complete).from(provenance);
  }

  /** The plan without the remark that it was completed once: then it lists everything itself. */
  public static PruningPlan asWritten(PruningPlan plan) {
    Map<String, String> provenance = new LinkedHashMap<>(plan.provenance());
    provenance.remove(PROVENANCE);
    return plan.from(provenance);
  }

  /**
   * Requires that a plan lists everything that goes.
   *
   * @throws ModelException.BadPlan if it does not, or does not fit the model
   */
  public static void require(PruningPlan plan, List<Block> blocks, Location location) {
    PruningPlan complete = complete(plan, blocks, location);
    if (!complete.equals(plan)) {
      throw new ModelException.BadPlan(
          location,
          "the plan says nothing of "
              + complete.provenance().get(PROVENANCE)
              + ", which are shared with a part that it cuts",
          "cut them alike; gohsp apply completes a plan and writes it into the model");
    }
  }

  /**
   * Whether a plan may lack something: it cuts a kind of part in some blocks and says nothing of it
   * in others. Whoever asks first saves an analysis.
   */
  public static boolean mayLack(PruningPlan plan) {
    return uneven(plan, block -> block.heads() == null, block -> block.headsKept() == null)
        || uneven(plan, block -> block.neurons() == null, block -> block.neuronsKept() == null)
        || uneven(
            plan,
            block -> block.heads() == null,
            block -> block.qkKept() == null && block.vKept() == null)
        || plan.blocks().stream().anyMatch(b -> (b.qkKept() == null) != (b.vKept() == null));
  }

  private static boolean uneven(
      PruningPlan plan, Predicate<BlockPlan> hasNone, Predicate<BlockPlan> keepsAll) {
    return plan.blocks().stream().filter(hasNone.negate()).map(keepsAll::test).distinct().count()
        > 1;
  }

  private BlockPlan complete(BlockPlan plan, Block block) {
    AttentionPart attention = block.attention();
    MlpPart mlp = block.mlp();
    List<Integer> heads = plan.headsKept();
    List<List<Integer>> qk = plan.qkKept();
    List<List<Integer>> v = plan.vKept();
    if (attention != null) {
      List<Integer> shared = positions(plan, "heads", heads, attention.heads());
      if (shared != null) {
        heads = shared;
        qk = rows(qk, shared);
        v = rows(v, shared);
      }
    }
    if (attention != null && (heads == null || !heads.isEmpty())) { // no head has no columns
      qk = columns(plan, "query-key columns", qk, attention.qk(), attention, heads);
      v = columns(plan, "value columns", v, attention.v(), attention, heads);
    }
    List<Integer> neurons = plan.neuronsKept();
    if (mlp != null) {
      List<Integer> shared = positions(plan, "neurons", neurons, mlp.neurons());
      neurons = shared == null ? neurons : shared;
    }
    return new BlockPlan(
        plan.block(),
        attention == null ? null : attention.headCount(),
        attention == null ? null : size(attention.qk()),
        attention == null ? null : size(attention.v()),
        mlp == null ? null : size(mlp.neurons()),
        heads,
        qk,
        v,
        neurons,
        plan.basis());
  }

  private static @Nullable Integer size(@Nullable PrunableAxis axis) {
    return axis == null ? null : axis.size();
  }

  /** Columns were listed for every head; of those some turn out to go. */
  private static @Nullable List<List<Integer>> rows(
      @Nullable List<List<Integer>> all, List<Integer> heads) {
    return all == null || heads.isEmpty() ? null : heads.stream().map(all::get).toList();
  }

  /** What another block's cut leaves of an axis of which the plan says nothing. */
  private @Nullable Keep shared(
      BlockPlan plan, String what, @Nullable Object said, @Nullable PrunableAxis axis) {
    if (said != null || axis == null) {
      return null;
    }
    Factor factor = axis.factor();
    Keep keep = factor == null ? null : keeps.byFactor().get(factor);
    boolean inPart =
        axis.layout().factors().anyMatch(f -> f != factor && keeps.byFactor().containsKey(f));
    if (inPart || (keep != null && !axis.dependsOn().containsAll(keep.dependsOn()))) {
      throw new ModelException.BadPlan(
          location,
          what
              + " of "
              + plan.block()
              + " share an axis with a part that the plan cuts, and would lose positions that no"
              + " plan can name",
          "leave that part out of the plan");
    }
    if (keep != null) {
      added.add(what + " of " + plan.block());
    }
    return keep;
  }

  private @Nullable List<Integer> positions(
      BlockPlan plan, String what, @Nullable List<Integer> said, @Nullable PrunableAxis axis) {
    Keep keep = shared(plan, what, said, axis);
    return keep == null || axis == null ? null : positions(axis, keep.rows().get(0));
  }

  private static List<Integer> positions(PrunableAxis axis, List<Integer> units) {
    int[] unitOf = axis.unitOfPosition();
    return IntStream.range(0, unitOf.length)
        .filter(position -> units.contains(unitOf[position]))
        .boxed()
        .toList();
  }

  private @Nullable List<List<Integer>> columns(
      BlockPlan plan,
      String what,
      @Nullable List<List<Integer>> said,
      @Nullable PrunableAxis axis,
      AttentionPart attention,
      @Nullable List<Integer> heads) {
    Keep keep = shared(plan, what, said, axis);
    if (keep == null || axis == null) {
      return said;
    }
    PrunableAxis headAxis = attention.heads();
    List<List<Integer>> rows = new ArrayList<>();
    for (int head = 0; head < attention.headCount(); head++) {
      if (heads == null || heads.contains(head)) {
        int row =
            keep.dependsOn().isEmpty() || headAxis == null
                ? 0
                : new PrunableAxis(axis.layout(), axis.factor(), keep.dependsOn())
                    .row(headAxis, head);
        rows.add(positions(axis, keep.rows().get(row)));
      }
    }
    return rows;
  }
}
