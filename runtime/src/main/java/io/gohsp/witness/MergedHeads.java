package io.gohsp.witness;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConstantValue;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether the first axis of an operand counts heads and batch through, and which runs faster. */
enum MergedHeads {
  /** It holds one of them. */
  NOT,
  /** [batch · heads, ..]: the heads of a sample are neighbours. */
  INSIDE_THE_BATCH,
  /** [heads · batch, ..]: the samples of a head are neighbours. */
  OUTSIDE_THE_BATCH;

  private static final Set<String> ELEMENTWISE =
      Set.of("Add", "Sub", "Mul", "Div", "Cast", "Identity", "DynamicQuantizeLinear");

  /**
   * How the first axis of a value came to hold both, told by the node that merged them.
   *
   * @param merged its first axis has a multiple of {@code heads} positions
   * @return null if that cannot be told
   */
  static @Nullable MergedHeads of(Value merged, int heads, ShapeFacts facts) {
    Value value = merged;
    int axis = 0;
    while (true) {
      Node node = value.producer().orElse(null);
      List<Size> shape = facts.shape(value);
      if (node == null || shape == null || node.op().domain().equals("com.microsoft")) {
        return null;
      }
      Value before = operand(node, shape.size(), facts);
      List<Size> from = before == null ? null : facts.shape(before);
      if (before == null || from == null) {
        return null;
      }
      switch (node.op().type()) {
        case "Transpose" -> {
          List<Long> order = node.intsAttribute("perm");
          axis = order == null ? shape.size() - 1 - axis : Math.toIntExact(order.get(axis));
        }
        case "Concat" -> {
          boolean here = Math.floorMod(node.intAttribute("axis", 0), shape.size()) == axis;
          if (here) { // one part a head, if it is heads that lie side by side
            return node.inputs().size() == heads && heads > 1 ? OUTSIDE_THE_BATCH : null;
          }
        }
        case "Reshape" -> {
          int first = start(shape.subList(0, axis), from);
          if (first < 0 || first == from.size()) {
            return null;
          }
          if (!from.get(first).equals(shape.get(axis))) {
            return split(from.subList(first, from.size()), shape.get(axis), heads);
          }
          axis = first;
        }
        default -> {
          if (!ELEMENTWISE.contains(node.op().type()) || from.size() != shape.size()) {
            return null;
          }
        }
      }
      value = before;
    }
  }

  /** What a node hands on, if it is a single activation of its rank; of a Concat the first part. */
  private static @Nullable Value operand(Node node, int rank, ShapeFacts facts) {
    if (node.is("Reshape") || node.is("Concat")) {
      return node.optionalInput(0);
    }
    List<Value> data =
        node.presentInputs()
            .filter(input -> ConstantValue.of(input) == null)
            .filter(
                input -> Objects.requireNonNullElse(facts.shape(input), List.of()).size() == rank)
            .toList();
    return data.size() == 1 ? data.get(0) : null;
  }

  /** The axis that begins where these extents end; -1 if none does. */
  private static int start(List<Size> extents, List<Size> from) {
    Size all = extents.stream().reduce(Size.ONE, Size::times);
    Size before = Size.ONE;
    for (int i = 0; i <= from.size(); i++) {
      if (before.equals(all)) {
        return i;
      }
      before = i < from.size() ? before.times(from.get(i)) : before;
    }
    return -1;
  }

  /** Of axes, slowest first, that one axis is made of; of the last it may take a part. */
  private static @Nullable MergedHeads split(List<Size> axes, Size merged, int heads) {
    Size batch = merged.dividedBy(Size.of(heads));
    if (batch == null) {
      return null;
    }
    boolean inside = start(List.of(batch), axes) > 0;
    boolean outside =
        axes.get(0).is(heads) && start(List.of(batch), axes.subList(1, axes.size())) > 0;
    return inside == outside ? null : inside ? INSIDE_THE_BATCH : OUTSIDE_THE_BATCH;
  }
}
