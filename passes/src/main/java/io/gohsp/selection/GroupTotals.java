package io.gohsp.selection;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.cost.Weight;
import io.gohsp.cost.Weights;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.vit.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Adds numbers up over every group: one number for each element of each weight, over everything
 * that removing the group removes. A neuron's elements are its row and column of the two layers and
 * its bias; a column's those of its head's projections; a head's all of its columns.
 */
public final class GroupTotals {
  private GroupTotals() {}

  /** What a group's sum becomes. */
  @FunctionalInterface
  interface Score {
    /**
     * @param sum over the group
     * @param count of its elements, at least 1
     */
    double of(double sum, long count);
  }

  /**
   * The sums themselves.
   *
   * @param numbers of a constant of the model, row-major; null for what does not count
   */
  public static Importance of(WorkingModel working, Function<Value, float @Nullable []> numbers) {
    return of(working, weight -> numbers.apply(weight.value()), false, (sum, count) -> sum);
  }

  /**
   * A score for each group.
   *
   * @param numbers of a weight, row-major; null for what does not count
   * @param squares whether squares are added up
   */
  static Importance of(
      WorkingModel working,
      Function<Weight, float @Nullable []> numbers,
      boolean squares,
      Score score) {
    List<List<BlockGroups>> groups = BlockGroups.of(working.blocks());
    List<BlockTotals> totals = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      totals.add(new BlockTotals(working.blocks().get(i), groups.get(i), squares));
    }
    Map<Factor, Set<BlockTotals>> byFactor = new LinkedHashMap<>();
    for (BlockTotals block : totals) {
      block
          .factors()
          .forEach(f -> byFactor.computeIfAbsent(f, x -> new LinkedHashSet<>()).add(block));
    }
    Weights.of(working.model())
        .forEach(
            weight -> {
              List<AxisLayout> axes = working.analysis().layout(weight.value());
              if (axes != null
                  && axes.stream()
                      .flatMap(AxisLayout::factors)
                      .allMatch(factor -> factor.size().isKnown())) {
                add(weight, axes, byFactor, numbers);
              }
            });
    return new Importance(totals.stream().map(block -> block.scores(score)).toList());
  }

  private static void add(
      Weight weight,
      List<AxisLayout> axes,
      Map<Factor, Set<BlockTotals>> byFactor,
      Function<Weight, float @Nullable []> numbers) {
    Set<BlockTotals> concerned = new LinkedHashSet<>();
    axes.stream()
        .flatMap(AxisLayout::factors)
        .forEach(f -> concerned.addAll(byFactor.getOrDefault(f, Set.of())));
    // Packed integers (4 bits in a byte) have extents of their own; no axis of theirs can be
    // removed.
    if (concerned.isEmpty() || weight.packing() != 1) {
      return;
    }
    float[] given = numbers.apply(weight);
    if (given != null) {
      concerned.forEach(block -> block.add(given, axes));
    }
  }

  /** Sums and counts of one block's groups. */
  private static final class BlockTotals {
    private final Block block;
    private final List<KindTotals> totals;
    private final boolean squares;

    BlockTotals(Block block, List<BlockGroups> groups, boolean squares) {
      this.block = block;
      this.totals = groups.stream().map(KindTotals::new).toList();
      this.squares = squares;
    }

    List<Factor> factors() {
      return totals.stream().flatMap(kind -> kind.groups().factors().stream()).distinct().toList();
    }

    void add(float[] numbers, List<AxisLayout> axes) {
      Map<List<Integer>, CellSums> marginals = new LinkedHashMap<>();
      for (KindTotals kind : totals) {
        List<Integer> involved = kind.groups().involved(axes);
        if (!involved.isEmpty()) {
          CellSums marginal =
              marginals.computeIfAbsent(
                  involved, chosen -> CellSums.over(numbers, axes, chosen, squares));
          kind.add(marginal, axes);
        }
      }
    }

    Importance.Scores scores(Score score) {
      Importance.Scores scores = Importance.Scores.zeros(block);
      if (scores.heads().length == 1) {
        scores.heads()[0] = 1; // the only head has nothing to compare with
      }
      totals.forEach(kind -> kind.writeTo(scores.of(kind.groups().kind()), score));
      return scores;
    }
  }
}
