package io.gohsp.axis;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.RangeOp;
import io.gohsp.op.TransposeOp;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.List;

/** Operators that keep the elements and regroup the axes. */
final class ReshapingAxes {
  private ReshapingAxes() {}

  static void register(AxisRules rules) {
    rules.add(ReshapingAxes::regroup, "Reshape", "Flatten", "Squeeze", "Unsqueeze");
    rules.add(ReshapingAxes::transpose, "Transpose");
    rules.add(ReshapingAxes::expand, "Expand");
    rules.add(ReshapingAxes::tile, "Tile");
    rules.add((node, axes) -> {}, "Shape", "Size", "Constant", "ConstantOfShape");
    rules.add(ReshapingAxes::range, "Range");
  }

  private static void transpose(Node node, Axes axes) {
    Value in = node.input(0);
    List<Integer> perm = TransposeOp.of(node).perm(axes.rank(in));
    for (int axis = 0; axis < perm.size(); axis++) {
      axes.unify(axes.of(in, perm.get(axis)), axes.of(node.output(), axis), node);
    }
  }

  /**
   * The elements in row-major order stay where they are. Axes that are equal at the front or at the
   * back are the same axis whatever happens between them; the rest is cut into the smallest groups
   * whose sizes multiply to the same.
   */
  private static void regroup(Node node, Axes axes) {
    List<AxisLayout> from = severalPositions(axes, node.input(0));
    List<AxisLayout> to = severalPositions(axes, node.output());
    int front = 0;
    while (front < Math.min(from.size(), to.size()) && sameSize(from, front, to, front)) {
      axes.unify(from.get(front), to.get(front), node);
      front++;
    }
    int back = 0;
    while (back < Math.min(from.size(), to.size()) - front
        && sameSize(from, from.size() - 1 - back, to, to.size() - 1 - back)) {
      axes.unify(from.get(from.size() - 1 - back), to.get(to.size() - 1 - back), node);
      back++;
    }
    groups(
        from.subList(front, from.size() - back), to.subList(front, to.size() - back), node, axes);
  }

  private static void groups(List<AxisLayout> from, List<AxisLayout> to, Node node, Axes axes) {
    List<AxisLayout> left = new ArrayList<>();
    List<AxisLayout> right = new ArrayList<>();
    Size leftSize = Size.of(1);
    Size rightSize = Size.of(1);
    int i = 0;
    int j = 0;
    while (i < from.size() || j < to.size()) {
      boolean takeLeft =
          j == to.size() || (i < from.size() && leftSize.dividedBy(rightSize) == null);
      if (left.isEmpty() && i < from.size()) {
        takeLeft = true;
      } else if (right.isEmpty() && j < to.size()) {
        takeLeft = false;
      }
      if (takeLeft) {
        left.add(from.get(i));
        leftSize = leftSize.times(from.get(i++).size());
      } else {
        right.add(to.get(j));
        rightSize = rightSize.times(to.get(j++).size());
      }
      if (leftSize.equals(rightSize)) {
        axes.unifyProducts(left, right, node);
        left.clear();
        right.clear();
      }
    }
    if (!left.isEmpty() || !right.isEmpty()) { // sizes that only run time can tell to be equal
      axes.unifyProducts(left, right, node);
    }
  }

  private static List<AxisLayout> severalPositions(Axes axes, Value value) {
    List<AxisLayout> several = new ArrayList<>();
    for (int axis = 0; axis < axes.rank(value); axis++) {
      if (!axes.isOne(value, axis)) {
        several.add(axes.of(value, axis));
      }
    }
    return several;
  }

  private static boolean sameSize(List<AxisLayout> a, int i, List<AxisLayout> b, int j) {
    return a.get(i).size().equals(b.get(j).size());
  }

  /** New positions along an axis of extent one are copies: a factor of their own. */
  private static void expand(Node node, Axes axes) {
    axes.broadcast(node.input(0), node.output(), node);
  }

  private static void tile(Node node, Axes axes) {
    Value in = node.input(0);
    for (int axis = 0; axis < axes.rank(in); axis++) {
      AxisLayout out = axes.of(node.output(), axis);
      Size repeats = out.size().dividedBy(axes.size(in, axis));
      if (repeats == null) {
        axes.fix(axes.of(in, axis), node, "repeats an axis an unknown number of times");
        axes.fix(out, node, "repeats an axis an unknown number of times");
      } else {
        axes.unify(out, axes.product(axes.fresh(repeats), axes.of(in, axis)), node);
      }
    }
  }

  /** Numbers that are known stay with their positions, as those of a constant do. */
  private static void range(Node node, Axes axes) {
    RangeOp range = RangeOp.of(node, axes.facts()::constants);
    boolean known =
        range.start() != null && range.delta() != null && axes.size(node.output(), 0).isKnown();
    if (!known) {
      axes.fixValue(node.output(), node, "is numbered at run time");
    }
  }
}
