package io.gohsp.zero;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.Coordinates;
import io.gohsp.vit.PrunableAxis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Heads, columns and neurons of a model that certainly count for nothing, whatever the model is
 * fed.
 *
 * <p>One is dead if at every place that adds up over its axis its addend is zero: because what
 * produces it is zero (weights and bias, or their zero points), because what consumes it is, or
 * because the other side of a product is. So a head is dead if all its value columns are. A head
 * whose query-key columns are all dead is not: its scores are equal, and it averages its values;
 * only the columns may go.
 *
 * <p>Where a range is taken of a whole tensor at run time (DynamicQuantizeLinear) only producers
 * count: an activation that is not zero may be the end of the range even if its consumer ignores
 * it, and taking it away would change the scale of all others. A zero may go, for the range
 * includes it anyway.
 *
 * @param blocks in the order of the graph, all of them
 */
public record DeadUnits(List<InBlock> blocks) {
  public DeadUnits {
    blocks = List.copyOf(blocks);
  }

  /**
   * What is dead in one block; indices rise. What cannot be removed is never listed.
   *
   * @param heads indices of heads
   * @param qk for every head, dead ones included, the indices of its query-key columns
   * @param v likewise for its value columns
   * @param neurons indices of hidden units
   */
  public record InBlock(
      Block block,
      List<Integer> heads,
      List<List<Integer>> qk,
      List<List<Integer>> v,
      List<Integer> neurons) {
    public InBlock {
      heads = List.copyOf(heads);
      qk = qk.stream().map(List::copyOf).toList();
      v = v.stream().map(List::copyOf).toList();
      neurons = List.copyOf(neurons);
    }

    /** Whether everything may count. */
    public boolean isEmpty() {
      return heads.isEmpty()
          && neurons.isEmpty()
          && Stream.concat(qk.stream(), v.stream()).allMatch(List::isEmpty);
    }
  }

  /** Whether everything may count. */
  public boolean isEmpty() {
    return blocks.stream().allMatch(InBlock::isEmpty);
  }

  /** Finds what is dead. Initializers count as constant even if a caller may override them. */
  public static DeadUnits of(WorkingModel working) {
    AxisAnalysis analysis = working.analysis();
    Resolution resolution = resolution(working.blocks());
    Zeros zeros = Zeros.of(working.model().graph(), working.facts(), analysis, resolution);
    Search search = new Search(zeros, analysis, resolution);
    return new DeadUnits(working.blocks().stream().map(search::inBlock).toList());
  }

  /**
   * Tells the positions of all axes of blocks apart that can be shortened, and those of their
   * heads.
   */
  static Resolution resolution(List<Block> blocks) {
    Set<Factor> factors = new HashSet<>();
    blocks.stream()
        .flatMap(Block::axes)
        .filter(PrunableAxis::isPrunable)
        .forEach(
            axis -> {
              axis.layout().factors().forEach(factors::add);
              factors.addAll(axis.dependsOn());
            });
    factors.removeIf(factor -> !factor.size().isKnown());
    return new Resolution(factors);
  }

  /** Reads the units off the zeroes. */
  private static final class Search {
    private final Zeros zeros;
    private final AxisAnalysis analysis;
    private final Resolution resolution;
    private final Map<Choice, boolean[][]> alive = new HashMap<>();

    Search(Zeros zeros, AxisAnalysis analysis, Resolution resolution) {
      this.zeros = zeros;
      this.analysis = analysis;
      this.resolution = resolution;
    }

    InBlock inBlock(Block block) {
      AttentionPart attention = block.attention();
      return new InBlock(
          block,
          attention == null ? List.of() : dead(attention.heads(), 0),
          attention == null ? List.of() : byHead(attention, attention.qk()),
          attention == null ? List.of() : byHead(attention, attention.v()),
          block.mlp() == null ? List.of() : dead(block.mlp().neurons(), 0));
    }

    private List<List<Integer>> byHead(AttentionPart attention, @Nullable PrunableAxis columns) {
      List<List<Integer>> all = new ArrayList<>();
      for (int head = 0; head < attention.headCount(); head++) {
        all.add(dead(columns, columns == null ? 0 : row(columns, attention.heads(), head)));
      }
      return all;
    }

    /** The head's coordinates in the factors that its columns depend on. */
    private static int row(PrunableAxis columns, @Nullable PrunableAxis heads, int head) {
      int row = 0;
      for (Factor factor : columns.dependsOn()) {
        int at = heads == null ? 0 : Coordinates.of(heads.layout(), factor)[head];
        row = row * factor.count() + at;
      }
      return row;
    }

    /** The dead positions of an axis; units are dead as a whole. */
    private List<Integer> dead(@Nullable PrunableAxis axis, int row) {
      if (axis == null || axis.factor() == null || !axis.isPrunable()) {
        return List.of();
      }
      boolean[] units =
          alive.computeIfAbsent(new Choice(axis.factor(), axis.dependsOn()), this::liveness)[row];
      int[] unitOf = axis.unitOfPosition();
      List<Integer> dead = new ArrayList<>();
      for (int position = 0; position < unitOf.length; position++) {
        if (!units[unitOf[position]]) {
          dead.add(position);
        }
      }
      return dead;
    }

    private boolean[][] liveness(Choice choice) {
      Factor factor = choice.factor();
      Liveness liveness = new Liveness(factor, choice.dependsOn(), resolution);
      List<Contribution> known =
          zeros.contributions().stream().filter(c -> c.addsUp(factor)).toList();
      List<Contraction> places =
          analysis.contractions().stream()
              .filter(c -> c.reduced().factors().anyMatch(f -> f == factor))
              .toList();
      boolean followed =
          places.stream().allMatch(place -> known.stream().anyMatch(c -> c.node() == place.node()));
      if (places.isEmpty() || !followed) {
        liveness.markAll(); // never added up, or in a way that no rule describes
      }
      known.forEach(liveness::mark);
      return liveness.alive();
    }
  }

  /** A factor, and the factors along which other positions of it may go. */
  private record Choice(Factor factor, List<Factor> dependsOn) {}
}
