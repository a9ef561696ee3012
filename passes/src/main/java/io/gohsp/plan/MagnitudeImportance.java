package io.gohsp.plan;

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
 * The size of the parameters that go with a group: {@code ‖w_g‖₂ / √|g|}, over everything that
 * removing the group removes. A neuron's are its row and column of the two layers and its bias; a
 * column's those of its head's projections; a head's all of its columns.
 */
public final class MagnitudeImportance {
  private MagnitudeImportance() {}

  /** Reads every weight that pruning could shorten once. */
  public static Importance of(WorkingModel working) {
    return of(working, weight -> null);
  }

  /**
   * As if weights had other numbers than the model says.
   *
   * @param numbers of a constant of the model, row-major; null for what the model says
   */
  public static Importance of(WorkingModel working, Function<Value, float @Nullable []> numbers) {
    List<List<BlockGroups>> groups = BlockGroups.of(working.blocks());
    List<BlockNorms> norms = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      norms.add(new BlockNorms(working.blocks().get(i), groups.get(i)));
    }
    Map<Factor, Set<BlockNorms>> byFactor = new LinkedHashMap<>();
    for (BlockNorms block : norms) {
      block
          .factors()
          .forEach(f -> byFactor.computeIfAbsent(f, x -> new LinkedHashSet<>()).add(block));
    }
    Weights.of(working.model())
        .forEach(
            weight -> {
              List<AxisLayout> axes = working.analysis().layout(weight.value());
              if (axes != null && axes.stream().allMatch(axis -> axis.size().isKnown())) {
                add(weight, axes, byFactor, numbers);
              }
            });
    return new Importance(norms.stream().map(BlockNorms::scores).toList());
  }

  private static void add(
      Weight weight,
      List<AxisLayout> axes,
      Map<Factor, Set<BlockNorms>> byFactor,
      Function<Value, float @Nullable []> other) {
    Set<BlockNorms> concerned = new LinkedHashSet<>();
    axes.stream()
        .flatMap(AxisLayout::factors)
        .forEach(f -> concerned.addAll(byFactor.getOrDefault(f, Set.of())));
    // Packed integers (4 bits in a byte) have extents of their own; no axis of theirs can be
    // removed.
    if (concerned.isEmpty() || weight.packing() != 1) {
      return;
    }
    float[] given = other.apply(weight.value());
    float[] numbers = given == null ? WeightNumbers.of(weight) : given;
    concerned.forEach(block -> block.add(numbers, axes));
  }

  /** Sums of squares and counts of one block's groups. */
  private static final class BlockNorms {
    private final Block block;
    private final List<GroupNorms> norms;

    BlockNorms(Block block, List<BlockGroups> groups) {
      this.block = block;
      this.norms = groups.stream().map(GroupNorms::new).toList();
    }

    List<Factor> factors() {
      return norms.stream().flatMap(norm -> norm.groups().factors().stream()).distinct().toList();
    }

    void add(float[] numbers, List<AxisLayout> axes) {
      Map<List<Integer>, SquareSums> marginals = new LinkedHashMap<>();
      for (GroupNorms sums : norms) {
        List<Integer> involved = sums.groups().involved(axes);
        if (!involved.isEmpty()) {
          SquareSums marginal =
              marginals.computeIfAbsent(involved, chosen -> SquareSums.over(numbers, axes, chosen));
          sums.add(marginal, axes);
        }
      }
    }

    Importance.Scores scores() {
      Importance.Scores scores = Importance.Scores.zeros(block);
      if (scores.heads().length == 1) {
        scores.heads()[0] = 1; // the only head has nothing to compare with
      }
      norms.forEach(norm -> norm.writeTo(scores.of(norm.groups().kind())));
      return scores;
    }
  }
}
