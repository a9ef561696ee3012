package io.gohsp.basis;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import io.gohsp.axis.Meeting;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.normalize.WorkingModel;
import io.gohsp.vit.AttentionPart;
import io.gohsp.vit.Block;
import io.gohsp.vit.Coordinates;
import io.gohsp.vit.PrunableAxis;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a model are free to be written in another basis: those whose every value is
 * touched by linear maps with weights of their own and by the one product, and by nothing else.
 */
public final class BasisAnalysis {
  private final WorkingModel working;
  private final AxisAnalysis sides;

  /** The numbers of the blocks whose columns have a factor, rising. */
  private final Map<Factor, SortedSet<Integer>> owners = new HashMap<>();

  private BasisAnalysis(WorkingModel working) {
    this.working = working;
    this.sides = AxisAnalysis.withSidesApart(working.model(), working.facts());
    for (int number = 0; number < working.blocks().size(); number++) {
      Integer own = number;
      columns(working.blocks().get(number))
          .forEach(factor -> owners.computeIfAbsent(factor, f -> new TreeSet<>()).add(own));
    }
  }

  /** Of queries, keys and values. */
  private static Stream<Factor> columns(Block block) {
    AttentionPart attention = block.attention();
    return attention == null
        ? Stream.empty()
        : Stream.of(attention.qk(), attention.v())
            .filter(Objects::nonNull)
            .flatMap(axis -> axis.layout().factors());
  }

  /** Analyses a model whose packed projections are taken apart. */
  public static BasisAnalysis of(WorkingModel working) {
    return new BasisAnalysis(working);
  }

  AxisAnalysis sides() {
    return sides;
  }

  /** Whether the query-key columns of a block are free; null if it has no attention. */
  public @Nullable Freedom qk(Block block) {
    AttentionPart attention = block.attention();
    if (attention == null) {
      return null;
    }
    PrunableAxis axis = attention.qk();
    Fixed obstacle = obstacle(axis);
    if (obstacle != null || axis == null) {
      return Freedom.bound(Objects.requireNonNull(obstacle));
    }
    Spread spread = new Spread(sides);
    Factor factor = Objects.requireNonNull(axis.factor());
    Node product = attention.scores().get(0).node();
    for (Meeting meeting : sides.meetings()) {
      if (meeting.node() == product) {
        product
            .presentInputs()
            .forEach(
                operand ->
                    meeting
                        .left()
                        .factors()
                        .filter(side -> isAt(operand, factor, side))
                        .forEach(side -> spread.add(operand, side, false, product)));
      }
    }
    return freedom(spread, block, axis, attention.v(), product);
  }

  /** Whether the value columns of a block are free; null if it has no attention. */
  public @Nullable Freedom v(Block block) {
    AttentionPart attention = block.attention();
    if (attention == null) {
      return null;
    }
    PrunableAxis axis = attention.v();
    Fixed obstacle = obstacle(axis);
    if (obstacle != null || axis == null) {
      return Freedom.bound(Objects.requireNonNull(obstacle));
    }
    Spread spread = new Spread(sides);
    Factor factor = Objects.requireNonNull(axis.factor());
    Contraction output = attention.outputs().get(0);
    for (Value attended : output.gates()) {
      factors(attended)
          .filter(side -> isAt(attended, factor, side))
          .forEach(side -> spread.add(attended, side, false, output.node()));
    }
    return freedom(spread, block, axis, attention.qk(), output.node());
  }

  /** What can be told without following the columns; null if nothing speaks against it so far. */
  private static @Nullable Fixed obstacle(@Nullable PrunableAxis axis) {
    if (axis == null) {
      return new Fixed(null, "the axis was not found");
    }
    return axis.obstacle();
  }

  /**
   * Whether other columns are on the same axis, which then would have to change alike. Where
   * weights are tied, or keys and values are an earlier block's, the first of the blocks stands for
   * all.
   */
  private void bindWhatIsShared(
      Spread spread, Block block, PrunableAxis axis, @Nullable PrunableAxis other) {
    if (other != null && haveInCommon(axis, other)) {
      spread.bind(null, "is one for queries, keys and values");
    }
    axis.layout()
        .factors()
        .flatMap(factor -> owners.getOrDefault(factor, Collections.emptySortedSet()).stream())
        .sorted()
        .map(working.blocks()::get)
        .filter(another -> !another.name().equals(block.name()) && !isLaterUse(another, block))
        .findFirst()
        .ifPresent(another -> spread.bind(null, "is shared with " + another.name()));
  }

  /** Whether a block attends later with the weights, or the keys and values, of another. */
  private boolean isLaterUse(Block later, Block block) {
    AttentionPart one = block.attention();
    AttentionPart other = later.attention();
    return one != null
        && other != null
        && working.blocks().indexOf(later) > working.blocks().indexOf(block)
        && Objects.equals(layout(one.heads()), layout(other.heads()))
        && Objects.equals(layout(one.qk()), layout(other.qk()))
        && Objects.equals(layout(one.v()), layout(other.v()));
  }

  private static @Nullable AxisLayout layout(@Nullable PrunableAxis axis) {
    return axis == null ? null : axis.layout();
  }

  private static boolean haveInCommon(PrunableAxis a, PrunableAxis b) {
    List<Factor> factors = a.layout().factors().toList();
    return b.layout().factors().anyMatch(factors::contains);
  }

  private Freedom freedom(
      Spread spread, Block block, PrunableAxis axis, @Nullable PrunableAxis other, Node start) {
    if (spread.values().isEmpty()) {
      return Freedom.bound(new Fixed(start, "has its columns grouped otherwise on either side"));
    }
    spread.run();
    if (axis.positionsPerUnit() != 1) {
      spread.bind(null, "goes in groups of " + axis.positionsPerUnit());
    }
    bindWhatIsShared(spread, block, axis, other);
    if (spread.obstacle() == null) {
      bindWhatWasMissed(spread, Objects.requireNonNull(axis.factor()));
    }
    Fixed obstacle = spread.obstacle();
    return obstacle == null ? new Freedom(null, spread.places()) : Freedom.bound(obstacle);
  }

  /** Every value with the columns must have been reached, or something else reads them. */
  private void bindWhatWasMissed(Spread spread, Factor factor) {
    Set<Value> reached = spread.values();
    for (Value value : working.analysis().valuesWith(factor)) {
      if (!reached.contains(value)) {
        spread.bind(value.producer().orElse(null), "has the columns in another way");
      }
    }
  }

  private Stream<Factor> factors(Value value) {
    List<AxisLayout> layouts = sides.layout(value);
    return layouts == null
        ? Stream.empty()
        : layouts.stream().flatMap(AxisLayout::factors).distinct();
  }

  /**
   * Whether {@code side}, of the analysis that tells sides apart, stands in the value where {@code
   * factor} of the other analysis does.
   */
  private boolean isAt(Value value, Factor factor, Factor side) {
    List<AxisLayout> layouts = working.analysis().layout(value);
    List<AxisLayout> bySide = sides.layout(value);
    if (layouts == null || bySide == null) {
      return false;
    }
    boolean found = false;
    for (int axis = 0; axis < layouts.size(); axis++) {
      if (bySide.get(axis).factors().anyMatch(side::equals)) {
        boolean known = layouts.get(axis).size().isKnown() && side.size().equals(factor.size());
        found = known && isAt(layouts.get(axis), factor, bySide.get(axis), side);
      }
    }
    return found;
  }

  private static boolean isAt(AxisLayout layout, Factor factor, AxisLayout bySide, Factor side) {
    int[] coordinates = Coordinates.of(layout, factor);
    int[] sideCoordinates = Coordinates.of(bySide, side);
    boolean same = Arrays.stream(sideCoordinates).anyMatch(at -> at >= 0);
    for (int i = 0; i < coordinates.length; i++) {
      same &= sideCoordinates[i] < 0 || sideCoordinates[i] == coordinates[i];
    }
    return same;
  }
}
