package io.gohsp.zero;

import io.gohsp.axis.Factor;
import io.gohsp.ir.Model;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.plan.BlockPlan;
import io.gohsp.plan.DroppableBranches;
import io.gohsp.plan.PruningPlan;
import io.gohsp.plan.StreamPlan;
import io.gohsp.stream.Directions;
import io.gohsp.stream.Stream;
import io.gohsp.stream.Streams;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.MlpPart;
import io.gohsp.vit.PrunableAxis;
import io.gohsp.zero.DeadUnits.InBlock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The plan that removes what is dead, as far as shapes allow: every head that stays keeps as many
 * columns as the one with the most alive, so heads with fewer keep some dead ones, the lowest
 * first. A branch all of whose heads or neurons are dead goes as a whole if it can be taken out of
 * the stream; otherwise one stays.
 */
public final class ZeroPlan {
  /** What the plan's provenance calls the method. */
  public static final String METHOD = "zeros";

  private ZeroPlan() {}

  /**
   * A plan that strips a model of what is dead in it; empty if nothing is. The model is not
   * changed.
   */
  public static PruningPlan of(Model original) {
    return of(WorkingModel.normalized(original));
  }

  /** A plan for all blocks of a normalised model; empty if nothing is dead. */
  public static PruningPlan of(WorkingModel working) {
    return of(
            DeadUnits.of(working),
            factor -> DroppableBranches.exit(working, factor).obstacle() == null)
        .narrowing(streams(Streams.of(working)));
  }

  /** Streams without the channels that nothing writes. */
  private static List<StreamPlan> streams(Streams streams) {
    List<StreamPlan> plans = new ArrayList<>();
    for (Stream stream : streams.all()) {
      Directions alive = stream.obstacle() == null ? streams.alive(stream) : null;
      if (alive != null) {
        int kept = stream.width(alive.count());
        plans.add(new StreamPlan(stream.name(), stream.width(), kept, alive));
      }
    }
    return plans;
  }

  /**
   * A plan for all blocks.
   *
   * @param mayGo whether the branches that lose everything with a factor may be taken away
   */
  static PruningPlan of(DeadUnits dead, Predicate<Factor> mayGo) {
    return new PruningPlan(
        dead.blocks().stream().map(block -> of(block, mayGo)).toList(), Map.of("method", METHOD));
  }

  private static BlockPlan of(InBlock dead, Predicate<Factor> mayGo) {
    AttentionPart attention = dead.block().attention();
    MlpPart mlp = dead.block().mlp();
    List<Integer> heads = List.of();
    List<List<Integer>> qk = null;
    List<List<Integer>> v = null;
    if (attention != null) {
      heads =
          attention.heads() == null
              ? List.of(0)
              : keptOrNone(attention.heads(), dead.heads(), mayGo);
      qk = columns(attention.qk(), dead.qk(), heads);
      v = columns(attention.v(), dead.v(), heads);
    }
    List<Integer> neurons =
        mlp == null ? List.of() : keptOrNone(mlp.neurons(), dead.neurons(), mayGo);
    return new BlockPlan(
        dead.block().name(),
        attention == null ? null : (Integer) attention.headCount(),
        attention == null ? null : sizeOf(attention.qk()),
        attention == null ? null : sizeOf(attention.v()),
        mlp == null ? null : sizeOf(mlp.neurons()),
        attention == null || heads.size() == attention.headCount() ? null : heads,
        qk,
        v,
        mlp == null || neurons.size() == mlp.neurons().size() ? null : neurons);
  }

  private static @Nullable Integer sizeOf(@Nullable PrunableAxis axis) {
    return axis == null ? null : (Integer) axis.size();
  }

  /** The columns of each head that stays; null if it keeps all. */
  private static @Nullable List<List<Integer>> columns(
      @Nullable PrunableAxis axis, List<List<Integer>> dead, List<Integer> heads) {
    if (axis == null || heads.isEmpty()) {
      return null;
    }
    List<List<Integer>> kept = kept(axis, heads.stream().map(dead::get).toList());
    return kept.get(0).size() == axis.size() ? null : kept;
  }

  private static List<Integer> keptOrNone(
      PrunableAxis axis, List<Integer> dead, Predicate<Factor> mayGo) {
    Factor factor = axis.factor();
    return dead.size() == axis.size() && factor != null && mayGo.test(factor)
        ? List.of()
        : kept(axis, List.of(dead)).get(0);
  }

  /**
   * What stays of an axis for each list of dead positions: the same number of units for all, and at
   * least one.
   */
  private static List<List<Integer>> kept(PrunableAxis axis, List<List<Integer>> dead) {
    int[] unitOf = axis.unitOfPosition();
    int count = 1;
    List<Set<Integer>> deadUnits = new ArrayList<>();
    for (List<Integer> positions : dead) {
      Set<Integer> units = new HashSet<>();
      positions.forEach(position -> units.add(unitOf[position]));
      deadUnits.add(units);
      count = Math.max(count, axis.units() - units.size());
    }
    List<List<Integer>> kept = new ArrayList<>();
    for (Set<Integer> gone : deadUnits) {
      Set<Integer> units = new TreeSet<>();
      IntStream.range(0, axis.units()).filter(unit -> !gone.contains(unit)).forEach(units::add);
      for (int unit = 0; units.size() < count; unit++) {
        units.add(unit);
      }
      kept.add(
          IntStream.range(0, unitOf.length)
              .filter(position -> units.contains(unitOf[position]))
              .boxed()
              .toList());
    }
    return kept;
  }
}
