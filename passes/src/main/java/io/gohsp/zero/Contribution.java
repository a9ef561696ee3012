package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Factor;
import io.gohsp.ir.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node adds up, or reads as a whole: at which positions that is certainly zero.
 *
 * @param axes the axes of {@code zero}: first those that are added up over, then those along which
 *     that is done separately
 * @param reduced how many are added up over
 * @param zero null if no position is known to be zero
 */
record Contribution(Node node, List<AxisLayout> axes, int reduced, @Nullable ZeroMask zero) {
  Contribution {
    axes = List.copyOf(axes);
  }

  /** Whether positions of the factor are added up. */
  boolean addsUp(Factor factor) {
    return axes.subList(0, reduced).stream()
        .flatMap(AxisLayout::factors)
        .anyMatch(f -> f == factor);
  }
}
