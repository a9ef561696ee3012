package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.Axes;
import io.gohsp.op.ConcatOp;
import io.gohsp.op.PadOp;
import io.gohsp.op.SliceOp;
import io.gohsp.op.SplitOp;
import io.gohsp.shape.Size;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators that cut tensors into ranges or put them together. */
final class SegmentGradients {
  private SegmentGradients() {}

  static void register(GradientRules rules) {
    rules.all(SegmentGradients::split, "Split");
    rules.one(SegmentGradients::concat, "Concat");
    rules.one(SegmentGradients::slice, "Slice");
    rules.one(SegmentGradients::pad, "Pad");
  }

  /** Pieces: {@code dx} is the gradients of the pieces one after another, zero for unread ones. */
  private static List<@Nullable Value> split(
      Node node, List<@Nullable Value> dys, GradientContext g) {
    int axis = SplitOp.of(node, g).axis(g.rank(node.input(0)));
    Value[] parts = new Value[dys.size()];
    for (int i = 0; i < parts.length; i++) {
      Value dy = dys.get(i);
      parts[i] = dy != null ? dy : zerosOfPiece(node, i, axis, g);
    }
    return g.only(() -> g.concat(axis, parts));
  }

  private static Value zerosOfPiece(Node node, int index, int axis, GradientContext g) {
    Value piece = node.optionalOutput(index);
    if (piece != null) {
      return g.zerosLike(piece);
    }
    Value x = node.input(0);
    List<Size> shape = new ArrayList<>(g.shape(x));
    List<Long> sizes = SplitOp.of(node, g).sizes(shape.get(axis).value());
    if (sizes == null) {
      throw g.unsupported(
          "the sizes of its pieces are only known at run time", "export statically");
    }
    shape.set(axis, Size.of(sizes.get(index)));
    return g.zeros(g.extents(shape, x));
  }

  /** Tensors one after another: each gets its range of {@code dy}. */
  private static List<@Nullable Value> concat(Node node, Value dy, GradientContext g) {
    int axis = ConcatOp.of(node).axis(g.rank(node.output()));
    List<Size> extents = new ArrayList<>();
    int wanted = 0;
    for (int i = 0; i < node.inputs().size(); i++) {
      extents.add(g.shape(node.input(i)).get(axis));
      wanted += g.wants(i) ? 1 : 0;
    }
    List<@Nullable Value> gradients = new ArrayList<>();
    if (extents.stream().allMatch(Size::isKnown)) {
      long[] sizes = extents.stream().mapToLong(Size::value).toArray();
      if (wanted == sizes.length && wanted > 1) {
        gradients.addAll(g.split(dy, axis, sizes));
        return gradients;
      }
      long at = 0;
      for (int i = 0; i < sizes.length; i++) {
        long begin = at;
        at += sizes[i];
        long end = at;
        gradients.add(g.when(i, () -> g.slice(dy, axis, begin, end)));
      }
      return gradients;
    }
    Value[] sizes = new Value[extents.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = g.extent(node.input(i), axis);
    }
    Node parts =
        g.node(
            "Split",
            List.of(Attribute.of("axis", (long) axis)),
            sizes.length,
            dy,
            g.concat(0, sizes));
    gradients.addAll(parts.outputs());
    return gradients;
  }

  /**
   * Ranges of some axes: {@code dx} is {@code dy} there and zero elsewhere. With a step other than
   * 1, {@code dy} is scattered to the positions that the same slice takes from 0, 1, 2, ..
   */
  private static List<@Nullable Value> slice(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    List<Size> shape = g.shape(x);
    SliceOp op = SliceOp.of(node, g);
    List<Long> axes = op.axes();
    if (axes == null) {
      throw g.unsupported("its axes are only known at run time", "export with constant axes");
    }
    List<Size> now = new ArrayList<>(g.shape(node.output()));
    Value gradient = dy;
    for (int i = 0; i < axes.size(); i++) {
      int axis = Axes.normalize(node, axes.get(i), shape.size());
      if (now.get(axis).equals(shape.get(axis)) && stepIs(op, i, 1)) {
        continue;
      }
      boolean last = i == axes.size() - 1;
      gradient = widened(node, op, i, axis, gradient, now, last && axes.size() == 1, g);
      now.set(axis, shape.get(axis));
    }
    Value whole = gradient;
    return g.only(() -> whole);
  }

  private static boolean stepIs(SliceOp op, int index, long step) {
    return op.steps() != null && op.steps().get(index) == step;
  }

  private static Value widened(
      Node node,
      SliceOp op,
      int index,
      int axis,
      Value dy,
      List<Size> now,
      boolean alone,
      GradientContext g) {
    Value x = node.input(0);
    Size extent = g.shape(x).get(axis);
    Size taken = now.get(axis);
    List<Long> starts = op.starts();
    if (stepIs(op, index, 1) && starts != null && taken.isKnown()) {
      long start = starts.get(index);
      if (start >= 0 || extent.isKnown()) {
        long begin = start < 0 ? Math.max(0, start + extent.value()) : start;
        begin = extent.isKnown() ? Math.min(begin, extent.value()) : begin;
        if (alone) {
          return g.placed(dy, x, axis, begin, taken.value());
        }
        Value after = g.sub(g.extent(x, axis), g.longs(begin + taken.value()));
        Value pads =
            extent.isKnown()
                ? g.longs(begin, extent.value() - begin - taken.value())
                : g.concat(0, g.longs(begin), after);
        return g.pad(dy, pads, axis);
      }
    }
    return scattered(node, index, axis, dy, now, g);
  }

  /** Positions that the slice takes along one axis, spread over the shape of {@code dy}. */
  private static Value scattered(
      Node node, int index, int axis, Value dy, List<Size> now, GradientContext g) {
    Value x = node.input(0);
    Value count = g.squeeze(g.extent(x, axis), 0);
    Value zero = g.constant(Tensor.ofLong(0));
    Value one = g.constant(Tensor.ofLong(1));
    Value all = g.op("Range", zero, count, one);
    Value start = g.op("Gather", node.input(1), g.longs(index));
    Value end = g.op("Gather", node.input(2), g.longs(index));
    Value steps = node.optionalInput(4);
    Value step = steps == null ? g.longs(1) : g.op("Gather", steps, g.longs(index));
    boolean wide = g.type(node.input(1)) == ElementType.INT64;
    Value positions = g.op("Slice", all, start, end, wide ? g.longs(0) : narrow(g), step);
    long[] shape = new long[now.size()];
    Arrays.fill(shape, 1);
    shape[axis] = -1;
    Value indices = g.op("Expand", g.reshape(positions, shape), g.op("Shape", dy));
    List<Size> wider = new ArrayList<>(now);
    wider.set(axis, g.shape(x).get(axis));
    return g.op(
        "ScatterElements",
        List.of(Attribute.of("axis", (long) axis)),
        g.zeros(g.extents(wider, x, node.output())),
        indices,
        dy);
  }

  private static Value narrow(GradientContext g) {
    return g.constant(Tensor.ofIntegers(ElementType.INT32, new long[] {1}, 0));
  }

  /** {@code x} with a constant around it: {@code dx} is {@code dy} without that. */
  private static List<@Nullable Value> pad(Node node, Value dy, GradientContext g) {
    if (!node.stringAttribute("mode", "constant").equals("constant")) {
      throw g.unsupported("only padding with a constant has a rule", "pad outside the model");
    }
    Value x = node.input(0);
    PadOp op = PadOp.of(node, g);
    List<Integer> axes = op.axes(g.rank(x));
    List<Long> pads = op.pads();
    if (axes == null || pads == null) {
      if (node.optionalInput(3) != null) {
        throw g.unsupported("what it pads is only known at run time", "export with constant pads");
      }
      Value begins = g.slice(node.input(1), 0, 0, g.rank(x));
      Value ends = g.add(begins, g.op("Shape", x));
      return g.only(() -> g.op("Slice", dy, begins, ends));
    }
    long[] back = pads.stream().mapToLong(pad -> -pad).toArray();
    if (Arrays.stream(back).allMatch(pad -> pad == 0)) {
      return g.only(() -> dy);
    }
    return g.only(
        () -> g.pad(dy, g.longs(back), axes.stream().mapToLong(Integer::longValue).toArray()));
  }
}
