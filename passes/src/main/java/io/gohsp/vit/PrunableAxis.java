package io.gohsp.vit;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.axis.Fixed;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One axis of a block that pruning shortens: its heads, the query-key or value columns of a head,
 * or its neurons.
 *
 * @param layout how the axis is made up; positions are numbered along it
 * @param factor what is removed as a whole: usually the axis itself, but with grouped queries a
 *     group of heads, and with rotary embeddings a pair of columns; null if no single factor makes
 *     up the axis
 * @param dependsOn head factors along which the choice of columns may differ; empty if it must be
 *     the same for all heads
 * @param shared why the axis is not the block's own; null if it is
 */
public record PrunableAxis(
    AxisLayout layout, @Nullable Factor factor, List<Factor> dependsOn, @Nullable Fixed shared) {
  public PrunableAxis {
    dependsOn = List.copyOf(dependsOn);
  }

  /** An axis of the block's own. */
  public PrunableAxis(AxisLayout layout, @Nullable Factor factor, List<Factor> dependsOn) {
    this(layout, factor, dependsOn, null);
  }

  /** Number of positions: heads, columns of a head, neurons. */
  public int size() {
    return Math.toIntExact(layout.size().value());
  }

  /** Number of things that are removed as a whole. */
  public int units() {
    return factor == null ? 1 : factor.count();
  }

  /** How many positions go together. */
  public int positionsPerUnit() {
    return size() / units();
  }

  /** Why nothing can be removed; null if it can. */
  public @Nullable Fixed obstacle() {
    if (shared != null) {
      return shared;
    }
    if (layout.equals(AxisLayout.UNIT)) {
      return new Fixed(null, "is all there is: one column");
    }
    if (factor == null) {
      if (layout.factors().allMatch(Factor::isFixed) && layout.factors().findAny().isPresent()) {
        return layout.factors().findFirst().orElseThrow().fixed().get(0);
      }
      return new Fixed(null, "its positions " + shape(layout) + " do not form one axis");
    }
    return factor.isFixed() ? factor.fixed().get(0) : null;
  }

  /** The layout without the names of its factors: {@code (2+3+3)}. */
  private static String shape(AxisLayout layout) {
    return layout.toString().replaceAll("f\\d+:", "");
  }

  public boolean isPrunable() {
    return obstacle() == null;
  }

  /** For every position the unit it belongs to. */
  public int[] unitOfPosition() {
    if (factor == null) {
      return new int[size()];
    }
    return Coordinates.of(layout, factor);
  }

  /** Number of rows: combinations of the positions of the factors that the choice depends on. */
  public int rows() {
    return dependsOn.stream().mapToInt(Factor::count).reduce(1, Math::multiplyExact);
  }

  /**
   * The row that belongs to a head: its coordinates in the factors that the choice depends on.
   *
   * @param heads the heads of the same block
   */
  public int row(PrunableAxis heads, int head) {
    int row = 0;
    for (Factor decider : dependsOn) {
      row = row * decider.count() + Coordinates.of(heads.layout(), decider)[head];
    }
    return row;
  }
}
