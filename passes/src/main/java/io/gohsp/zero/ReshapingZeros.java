package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.TransposeOp;
import io.gohsp.zero.Zeros.Known;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that keep the elements and regroup the axes: zeroes move along, quantised ones too. */
final class ReshapingZeros {
  private ReshapingZeros() {}

  static void register(ZeroRules rules) {
    rules.add(ReshapingZeros::regroup, "Reshape", "Flatten", "Squeeze", "Unsqueeze");
    rules.add(ReshapingZeros::transpose, "Transpose");
    rules.add(
        (node, zeros) -> zeros.set(node.output(), zeros.onto(node.input(0), node.output())),
        "Expand");
    rules.add(ReshapingZeros::tile, "Tile");
  }

  /**
   * The order stays; where the analysis could not follow the regrouping, the two sides list other
   * positions.
   */
  private static void regroup(Node node, Zeros zeros) {
    Known in = zeros.movable(node.input(0));
    List<AxisLayout> from = zeros.axes(node.input(0));
    List<AxisLayout> to = zeros.axes(node.output());
    if (in != null
        && in.mask() != null
        && from != null
        && to != null
        && zeros.resolution().same(new Product(from), new Product(to))) {
      zeros.set(node.output(), in.mask().reshaped(zeros.dims(node.output())), in.zeroPoint());
    }
  }

  private static void transpose(Node node, Zeros zeros) {
    Value in = node.input(0);
    Known known = zeros.movable(in);
    List<AxisLayout> from = zeros.axes(in);
    List<AxisLayout> to = zeros.axes(node.output());
    if (known == null || known.mask() == null || from == null || to == null) {
      return;
    }
    List<Integer> perm = TransposeOp.of(node).perm(from.size());
    if (IntStream.range(0, to.size())
        .allMatch(axis -> zeros.resolution().same(from.get(perm.get(axis)), to.get(axis)))) {
      zeros.set(node.output(), known.mask().permuted(perm), known.zeroPoint());
    }
  }

  /** The operand over and over, the repetition being the major part of each axis. */
  private static void tile(Node node, Zeros zeros) {
    ZeroMask mask = zeros.of(node.input(0));
    int[] dims = zeros.dims(node.output());
    for (int axis = 0; mask != null && axis < dims.length; axis++) {
      int once = mask.dim(axis);
      if (once == 0 || dims[axis] % once != 0) {
        return;
      }
      mask = mask.select(axis, IntStream.range(0, dims[axis]).map(i -> i % once).toArray());
    }
    zeros.set(node.output(), mask);
  }
}
