package io.gohsp.vit;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.Factor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What may go of an axis of a block: which factor counts its positions, if they can be taken one by
 * one or in groups, and on which heads each head's choice depends.
 */
final class BlockAxes {
  /** An axis of one position, which no factor counts. */
  static final PrunableAxis ONE_COLUMN = new PrunableAxis(AxisLayout.UNIT, null, List.of());

  private final AxisAnalysis analysis;

  BlockAxes(AxisAnalysis analysis) {
    this.analysis = analysis;
  }

  /**
   * @param grouped whether positions may go in groups, of which the leading part counts them: heads
   *     that share keys and values
   */
  PrunableAxis of(AxisLayout layout, AxisLayout leading, boolean grouped, List<Factor> heads) {
    if (layout.equals(AxisLayout.UNIT)) {
      return ONE_COLUMN;
    }
    Factor factor = leading.factors().findFirst().orElse(null); // none: positions taken one by one
    boolean uniform =
        factor != null
            && isEverywhere(factor, layout)
            && (grouped || layout.factors().allMatch(f -> f == factor));
    AxisLayout flat =
        layout instanceof Product p && p.parts().size() == 1 ? p.parts().get(0) : layout;
    return uniform
        ? new PrunableAxis(flat, factor, dependencies(factor, heads))
        : new PrunableAxis(flat, null, List.of());
  }

  /** Whether the factor tells something of every position, not of one segment alone. */
  static boolean isEverywhere(Factor factor, AxisLayout layout) {
    return layout.factors().allMatch(f -> f.size().isKnown())
        && Arrays.stream(Coordinates.of(layout, factor)).allMatch(at -> at >= 0);
  }

  /**
   * The head factors that accompany a column factor wherever it occurs, and lie outside it where
   * they share an axis: were heads inside columns, other columns in each head would not line up.
   * Nor would they where something computes heads from each other, column by column, or where heads
   * were taken apart or put together without a transposition: a head's elements then are at other
   * positions of the same factor in what comes after.
   */
  private List<Factor> dependencies(Factor factor, List<Factor> heads) {
    List<List<AxisLayout>> places =
        analysis.valuesWith(factor).stream()
            .map(analysis::layout)
            .filter(Objects::nonNull)
            .toList();
    return heads.stream()
        .filter(head -> !analysis.mixes(head, factor))
        .filter(head -> places.stream().allMatch(axes -> isPlain(axes, head, factor)))
        .toList();
  }

  /**
   * Whether every column of a value is of one head, and it is plain which: that on the column's own
   * axis, or else the only one on any.
   */
  private static boolean isPlain(List<AxisLayout> axes, Factor head, Factor column) {
    int anywhere = axes.stream().mapToInt(axis -> occurrences(axis, head)).sum();
    return axes.stream()
        .filter(axis -> occurrences(axis, column) > 0)
        .allMatch(
            axis -> {
              int here = occurrences(axis, head);
              return (here == 0 ? anywhere : here) == 1 && isOutside(axis, head, column);
            });
  }

  /** How many parts of one position are the factor; in segments side by side each counts alone. */
  private static int occurrences(AxisLayout layout, Factor factor) {
    if (layout instanceof Product product) {
      return product.parts().stream().mapToInt(part -> occurrences(part, factor)).sum();
    }
    if (layout instanceof Sum sum) {
      return sum.parts().stream().mapToInt(part -> occurrences(part, factor)).max().orElse(0);
    }
    return layout.factors().anyMatch(f -> f == factor) ? 1 : 0;
  }

  /** Whether {@code outer} comes first in every product with {@code inner}. */
  private static boolean isOutside(AxisLayout layout, Factor outer, Factor inner) {
    if (layout instanceof Sum sum) {
      return sum.parts().stream().allMatch(part -> isOutside(part, outer, inner));
    }
    boolean innerSeen = false;
    for (AxisLayout part : layout instanceof Product product ? product.parts() : List.of(layout)) {
      boolean hasOuter = part.factors().anyMatch(f -> f == outer);
      if (hasOuter && (innerSeen || (part instanceof Sum && !isOutside(part, outer, inner)))) {
        return false;
      }
      innerSeen |= part.factors().anyMatch(f -> f == inner);
    }
    return true;
  }
}
