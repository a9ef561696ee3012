package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A product of two operands added up over the labels that the result lacks: what both contraction
 * and result are zero at. An addend is zero where either operand is, the result where all addends
 * are.
 */
final class ProductZeros {
  private final Zeros zeros;
  private final Map<String, AxisLayout> layouts = new LinkedHashMap<>();

  private ProductZeros(Zeros zeros) {
    this.zeros = zeros;
  }

  /**
   * Records the contraction.
   *
   * @param maskA where {@code a} is zero, by whatever zero point; null if nowhere
   * @return where the result is zero, with the extents of its labels; null if nowhere
   */
  static @Nullable ZeroMask of(
      Node node,
      Value a,
      @Nullable ZeroMask maskA,
      List<String> labelsA,
      Value b,
      @Nullable ZeroMask maskB,
      List<String> labelsB,
      List<String> result,
      Zeros zeros) {
    ProductZeros product = new ProductZeros(zeros);
    if (!product.name(a, labelsA) || !product.name(b, labelsB)) {
      return null;
    }
    return product.infer(
        node, new LabelledMask(maskA, labelsA), new LabelledMask(maskB, labelsB), result);
  }

  private boolean name(Value operand, List<String> labels) {
    List<AxisLayout> axes = zeros.axes(operand);
    if (axes == null || axes.size() != labels.size()) {
      return false;
    }
    for (int axis = 0; axis < labels.size(); axis++) {
      AxisLayout other = layouts.putIfAbsent(labels.get(axis), axes.get(axis));
      if (other != null && zeros.resolution().count(other) == 1) {
        layouts.put(labels.get(axis), axes.get(axis));
      } else if (other != null && !isOneOr(other, axes.get(axis))) {
        return false;
      }
    }
    return true;
  }

  private boolean isOneOr(AxisLayout expected, AxisLayout layout) {
    return zeros.resolution().count(layout) == 1 || zeros.resolution().same(expected, layout);
  }

  private @Nullable ZeroMask infer(Node node, LabelledMask a, LabelledMask b, List<String> result) {
    List<String> reduced =
        layouts.keySet().stream().filter(label -> !result.contains(label)).toList();
    List<String> both = new ArrayList<>(reduced);
    result.stream()
        .filter(label -> a.labels().contains(label) && b.labels().contains(label))
        .forEach(both::add);
    List<AxisLayout> axes = both.stream().map(this::layout).toList();
    if (a.mask() == null && b.mask() == null) {
      zeros.contribute(new Contribution(node, axes, reduced.size(), null));
      return null;
    }
    if (!zeros.resolution().covers(axes)) {
      return null;
    }
    int[] extents = dims(both);
    zeros.contribute(
        new Contribution(
            node, axes, reduced.size(), a.over(both, extents).or(b.over(both, extents))));
    return isWritten(node, result) ? addedUp(a, b, result, reduced) : null;
  }

  /** Whether the node's result has the axes that its operands gave the labels. */
  private boolean isWritten(Node node, List<String> result) {
    List<AxisLayout> axes = zeros.axes(node.output());
    return axes != null
        && axes.size() == result.size()
        && IntStream.range(0, axes.size())
            .allMatch(axis -> zeros.resolution().same(layout(result.get(axis)), axes.get(axis)));
  }

  private @Nullable ZeroMask addedUp(
      LabelledMask a, LabelledMask b, List<String> result, List<String> reduced) {
    int[] dims = dims(result);
    int[] inner = dims(reduced);
    int addends = ZeroMask.volume(inner);
    List<String> all = new ArrayList<>(result);
    all.addAll(reduced);
    int[] at = new int[all.size()];
    int[] atReduced = new int[inner.length];
    Lookup left = new Lookup(a, all);
    Lookup right = new Lookup(b, all);
    return ZeroMask.of(
        dims,
        index -> {
          System.arraycopy(index, 0, at, 0, index.length);
          Arrays.fill(atReduced, 0);
          for (int i = 0; i < addends; i++) {
            System.arraycopy(atReduced, 0, at, index.length, atReduced.length);
            if (!left.at(at) && !right.at(at)) {
              return false;
            }
            ZeroMask.advance(atReduced, inner);
          }
          return true;
        });
  }

  private int[] dims(List<String> labels) {
    return labels.stream().mapToInt(label -> zeros.resolution().count(layout(label))).toArray();
  }

  private AxisLayout layout(String label) {
    return layouts.getOrDefault(label, AxisLayout.UNIT);
  }

  /** Reads an operand at an index over more labels than its own. */
  private static final class Lookup {
    private final @Nullable ZeroMask mask;
    private final int[] from;
    private final int[] index;

    Lookup(LabelledMask operand, List<String> labels) {
      mask = operand.mask();
      from = operand.labels().stream().mapToInt(labels::indexOf).toArray();
      index = new int[from.length];
    }

    boolean at(int[] all) {
      if (mask == null) {
        return false;
      }
      for (int axis = 0; axis < index.length; axis++) {
        index[axis] = all[from[axis]];
      }
      return mask.at(index);
    }
  }
}
