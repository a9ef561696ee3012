package io.gohsp.witness;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Graph;
import io.gohsp.ir.Node;
import io.gohsp.ir.OpId;
import io.gohsp.ir.Value;
import io.gohsp.shape.ShapeFacts;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An operand of which positions are switched off, and what each position stands for.
 *
 * @param node the reader
 * @param input which operand of it
 * @param rank of the operand
 * @param axes its axes that tell slots apart, rising
 * @param slots for every position of these axes, row-major, the slot it is: head · width + column;
 *     -1 for what is none of them
 * @param extents of these axes
 * @param merged whether the first axis is the operand's first and holds the batch, too: its extent
 *     is a multiple of what is given here
 */
@SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
record Place(
    Node node,
    int input,
    int rank,
    List<Integer> axes,
    int[] extents,
    int[] slots,
    MergedHeads merged) {
  private static final Set<String> WHOLE = Set.of("QLinearMatMul", "QLinearConv", "QGemm");

  Value value() {
    return node.input(input);
  }

  /** A place whose axes count slots through, the first axis the slowest; null if they do not. */
  static @Nullable Place counting(
      Node node, int input, List<Integer> axes, int slots, ShapeFacts facts) {
    List<Size> shape = facts.shape(node.input(input));
    if (shape == null) {
      return null;
    }
    List<Integer> counted =
        axes.stream().map(axis -> axis < 0 ? axis + shape.size() : axis).sorted().toList();
    int[] extents = new int[counted.size()];
    int all = 1;
    for (int i = 0; i < extents.length; i++) {
      Size size = shape.get(counted.get(i));
      if (!size.isKnown()) {
        return null;
      }
      extents[i] = Math.toIntExact(size.value());
      all *= extents[i];
    }
    int[] each = new int[all];
    Arrays.setAll(each, i -> i < slots ? i : -1);
    return all < slots
        ? null
        : new Place(node, input, shape.size(), counted, extents, each, MergedHeads.NOT);
  }

  /** What is multiplied: one for slots that stay. */
  float[] mask(boolean[] stays) {
    float[] mask = new float[slots.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = slots[i] < 0 || stays[slots[i]] ? 1 : 0;
    }
    return mask;
  }

  /** The extents of a mask; one more than the operand has where the first axis is merged. */
  long[] maskDims() {
    boolean tiled = merged != MergedHeads.NOT;
    long[] dims = new long[tiled ? rank + 1 : rank];
    Arrays.fill(dims, 1);
    for (int i = 0; i < extents.length; i++) {
      int axis = axes.get(i);
      boolean outside = axis == 0 && merged == MergedHeads.OUTSIDE_THE_BATCH;
      dims[tiled && !outside ? axis + 1 : axis] = extents[i];
    }
    return dims;
  }

  ElementType type(ShapeFacts facts) {
    return Objects.requireNonNull(facts.type(value()));
  }

  /** Whether an operand of this type can be switched. */
  boolean isSwitchable(ShapeFacts facts) {
    ElementType type = facts.type(value());
    return type != null
        && (type.isFloating() || (WHOLE.contains(node.op().type()) && (input == 0 || input == 3)));
  }

  /**
   * Puts a switch in front of a node.
   *
   * @param before where its nodes are written
   * @param mask FLOAT values of the extents {@link #maskDims}
   * @param type of the value that was read before there were switches
   * @return what the reader is to read
   */
  Value switched(Node before, Value mask, ElementType type) {
    Graph graph = before.graph();
    Value value = value();
    Value fitting = merged == MergedHeads.NOT ? mask : tiled(before, value, mask);
    if (!type.isFloating()) {
      Value scale = node.input(input + 1);
      Value zero = node.input(input + 2);
      Value real = add(graph, before, "DequantizeLinear", value, scale, zero).output();
      Value product = add(graph, before, "Mul", real, fitting).output();
      return add(graph, before, "QuantizeLinear", product, scale, zero).output();
    }
    if (type != ElementType.FLOAT) {
      Node cast = add(graph, before, "Cast", fitting);
      cast.setAttribute(Attribute.of("to", type.code()));
      fitting = cast.output();
    }
    return add(graph, before, "Mul", value, fitting).output();
  }

  private Value tiled(Node before, Value value, Value mask) {
    Graph graph = before.graph();
    Value shape = add(graph, before, "Shape", value).output();
    Value first = add(graph, before, "Gather", shape, longs(graph, 0)).output();
    Value batch = add(graph, before, "Div", first, longs(graph, extents[0])).output();
    long[] dims = maskDims();
    Value others = longs(graph, Arrays.copyOfRange(dims, 2, dims.length));
    Value heads = longs(graph, extents[0]);
    Node whole =
        merged == MergedHeads.OUTSIDE_THE_BATCH
            ? add(graph, before, "Concat", heads, batch, others)
            : add(graph, before, "Concat", batch, heads, others);
    whole.setAttribute(Attribute.of("axis", 0));
    Value all = add(graph, before, "Expand", mask, whole.output()).output();
    dims[1] = -1;
    return add(
            graph, before, "Reshape", all, longs(graph, Arrays.copyOfRange(dims, 1, dims.length)))
        .output();
  }

  private static Value longs(Graph graph, long... values) {
    return graph.addInitializer(graph.model().names().fresh("witness"), Tensor.ofLongs(values));
  }

  private static Node add(Graph graph, Node before, String type, Value... inputs) {
    return graph.insertBefore(before, OpId.of(type), "witness_" + type, inputs);
  }
}
