package io.gohsp.zero;

import io.gohsp.axis.AxisAnalysis;
import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.Contraction;
import io.gohsp.ir.AtNode;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a model are certainly zero, whatever it is fed. What zero rules read and
 * write.
 *
 * <p>A quantised value is zero where it equals its zero point; facts about it name that zero point,
 * and only a reader with the same one gets to see them.
 */
final class Zeros {
  private final ShapeFacts facts;
  private final AxisAnalysis analysis;
  private final Resolution resolution;
  private final Map<Value, Known> known = new HashMap<>();
  private final List<Contribution> contributions = new ArrayList<>();

  private Zeros(ShapeFacts facts, AxisAnalysis analysis, Resolution resolution) {
    this.facts = facts;
    this.analysis = analysis;
    this.resolution = resolution;
  }

  /** Visits every node once, operands before results. */
  static Zeros of(Graph graph, ShapeFacts facts, AxisAnalysis analysis, Resolution resolution) {
    Zeros zeros = new Zeros(facts, analysis, resolution);
    zeros.visit(graph);
    return zeros;
  }

  private void visit(Graph graph) {
    for (Node node : graph.nodes()) {
      node.subgraphs().forEach(this::visit);
      ZeroRule rule = ZeroRules.standard().get(node.op());
      if (rule != null && node.presentOutputs().allMatch(output -> axes(output) != null)) {
        AtNode.run(node, () -> rule.infer(node, this));
      }
    }
  }

  /** What is added up, in graph order. */
  List<Contribution> contributions() {
    return contributions;
  }

  ShapeFacts facts() {
    return facts;
  }

  Resolution resolution() {
    return resolution;
  }

  /** The axes of a value; null if they are not known, or too long to be followed. */
  @Nullable List<AxisLayout> axes(Value value) {
    List<AxisLayout> axes = analysis.layout(value);
    return axes == null || !resolution.covers(axes) ? null : axes;
  }

  /** How many positions of each axis are told apart, for a value with known axes. */
  int[] dims(Value value) {
    List<AxisLayout> axes = axes(value);
    if (axes == null) {
      throw new IllegalStateException(value + " has no known axes");
    }
    return axes.stream().mapToInt(resolution::count).toArray();
  }

  /** What a Slice or Gather takes of an axis: before, taken, after; null if it takes none. */
  @Nullable List<AxisLayout> pieces(Node node, int axis) {
    return analysis.pieces(node, axis);
  }

  /** The contractions of a node that multiply activations. */
  List<Contraction> products(Node node) {
    return analysis.contractions().stream()
        .filter(c -> c.node() == node && c.kind() == Contraction.Kind.ACTIVATIONS)
        .toList();
  }

  /** Where the value is zero as a number; null if nowhere. */
  @Nullable ZeroMask of(Value value) {
    return relativeTo(value, null, 0);
  }

  /** Likewise of an optional operand; an absent one is not zero anywhere. */
  @Nullable ZeroMask ofOptional(@Nullable Value value) {
    return value == null ? null : of(value);
  }

  /**
   * Where the value equals a zero point; null if nowhere.
   *
   * @param zeroPoint null: zero
   * @param axis the value's axis that a zero point with several elements goes along
   */
  @Nullable ZeroMask relativeTo(Value value, @Nullable Value zeroPoint, int axis) {
    Tensor constant = ConstantZeros.contents(value);
    if (constant == null) {
      Known fact = known.get(value);
      return fact != null && isSame(fact.zeroPoint(), zeroPoint) ? fact.mask() : null;
    }
    boolean plain = zeroPoint == null;
    Known fact = plain ? known.get(value) : null;
    if (fact == null) {
      fact = new Known(inspect(value, constant, ConstantZeros.zeroPoints(zeroPoint), axis), null);
      if (plain) {
        known.put(value, fact);
      }
    }
    return fact.mask();
  }

  private @Nullable ZeroMask inspect(
      Value value, Tensor constant, long @Nullable [] zeroPoints, int axis) {
    List<AxisLayout> axes = axes(value);
    if (axes == null || zeroPoints == null || axes.size() != constant.rank()) {
      return null;
    }
    int along = axis < 0 ? axis + axes.size() : axis;
    boolean fits =
        zeroPoints.length == 1 || (along < axes.size() && zeroPoints.length == constant.dim(along));
    return fits
        ? ConstantZeros.of(
            constant,
            axes.stream().map(resolution::positions).toList(),
            dims(value),
            zeroPoints,
            along)
        : null;
  }

  private static boolean isSame(@Nullable Value a, @Nullable Value b) {
    if (a == b) {
      return true;
    }
    long[] left = ConstantZeros.zeroPoints(a);
    long[] right = ConstantZeros.zeroPoints(b);
    return left != null
        && right != null
        && Arrays.equals(widened(left, right), widened(right, left));
  }

  private static long[] widened(long[] points, long[] like) {
    if (points.length != 1 || like.length == 1) {
      return points;
    }
    long[] all = new long[like.length];
    Arrays.fill(all, points[0]);
    return all;
  }

  /**
   * {@link #of} an operand, broadcast to a result; null if nowhere or if its axes are not the
   * result's.
   */
  @Nullable ZeroMask onto(Value operand, Value result) {
    ZeroMask mask = of(operand);
    return mask == null || !broadcasts(operand, result) ? null : mask.spread(dims(result));
  }

  private boolean broadcasts(Value operand, Value result) {
    List<AxisLayout> from = axes(operand);
    List<AxisLayout> to = axes(result);
    if (from == null || to == null || from.size() > to.size()) {
      return false;
    }
    int shift = to.size() - from.size();
    for (int axis = 0; axis < from.size(); axis++) {
      if (resolution.count(from.get(axis)) != 1
          && !resolution.same(from.get(axis), to.get(axis + shift))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The zero point that facts about the value refer to, if every position has the same; else null
   * with no facts.
   */
  @Nullable Known movable(Value value) {
    Tensor constant = ConstantZeros.contents(value);
    if (constant != null) {
      ZeroMask mask = of(value);
      return mask == null ? null : new Known(mask, null);
    }
    Known fact = known.get(value);
    boolean one = fact != null && (fact.zeroPoint() == null || isScalar(fact.zeroPoint()));
    return one ? fact : null;
  }

  private boolean isScalar(Value value) {
    var shape = facts.shape(value);
    return shape != null && shape.stream().allMatch(size -> size.isKnown() && size.value() == 1);
  }

  /** Records where a result is zero as a number. */
  void set(Value result, @Nullable ZeroMask mask) {
    set(result, mask, null);
  }

  /** Records where a result equals a zero point; extents that are not the result's say nothing. */
  void set(Value result, @Nullable ZeroMask mask, @Nullable Value zeroPoint) {
    if (mask != null && mask.hasDims(dims(result)) && !mask.isNowhere()) {
      known.put(result, new Known(mask, zeroPoint));
    }
  }

  void contribute(Contribution contribution) {
    contributions.add(contribution);
  }

  /**
   * Where something is zero.
   *
   * @param zeroPoint what counts as zero; null: the number
   */
  record Known(@Nullable ZeroMask mask, @Nullable Value zeroPoint) {}
}
