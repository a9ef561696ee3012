package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConcatOp;
import io.gohsp.op.GatherOp;
import io.gohsp.op.SliceOp;
import io.gohsp.op.SplitOp;
import io.gohsp.zero.Zeros.Known;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that put axes side by side or take pieces of them. */
final class SegmentZeros {
  private SegmentZeros() {}

  static void register(ZeroRules rules) {
    rules.add(SegmentZeros::concat, "Concat");
    rules.add(SegmentZeros::split, "Split");
    rules.add(SegmentZeros::slice, "Slice");
    rules.add(SegmentZeros::gather, "Gather");
  }

  private static void concat(Node node, Zeros zeros) {
    Value out = node.output();
    int[] dims = zeros.dims(out);
    int along = ConcatOp.of(node).axis(dims.length);
    List<Value> parts = node.presentInputs().toList();
    if (parts.stream().anyMatch(part -> zeros.axes(part) == null)
        || parts.stream().mapToInt(part -> zeros.dims(part)[along]).sum() != dims[along]) {
      return;
    }
    boolean[] zero = new boolean[ZeroMask.volume(dims)];
    int offset = 0;
    for (Value part : parts) {
      ZeroMask mask = zeros.of(part);
      int[] extents = zeros.dims(part);
      int[] index = new int[dims.length];
      for (int i = 0, count = ZeroMask.volume(extents); mask != null && i < count; i++) {
        zero[at(index, dims, along, offset)] = mask.at(index);
        ZeroMask.advance(index, extents);
      }
      offset += extents[along];
    }
    zeros.set(out, new ZeroMask(dims, zero));
  }

  private static int at(int[] index, int[] dims, int along, int offset) {
    int at = 0;
    for (int axis = 0; axis < dims.length; axis++) {
      at = at * dims[axis] + index[axis] + (axis == along ? offset : 0);
    }
    return at;
  }

  private static void split(Node node, Zeros zeros) {
    Known in = zeros.movable(node.input(0));
    if (in == null || in.mask() == null) {
      return;
    }
    int along = SplitOp.of(node, zeros.facts()).axis(in.mask().rank());
    List<Value> parts = node.presentOutputs().toList();
    int[] extents = parts.stream().mapToInt(part -> zeros.dims(part)[along]).toArray();
    if (Arrays.stream(extents).sum() != in.mask().dim(along)) {
      return;
    }
    int offset = 0;
    for (int i = 0; i < extents.length; i++) {
      zeros.set(parts.get(i), in.mask().select(along, range(offset, extents[i])), in.zeroPoint());
      offset += extents[i];
    }
  }

  private static int[] range(int from, int count) {
    return IntStream.range(from, from + count).toArray();
  }

  private static void slice(Node node, Zeros zeros) {
    Known in = zeros.movable(node.input(0));
    List<AxisLayout> from = zeros.axes(node.input(0));
    List<AxisLayout> to = zeros.axes(node.output());
    SliceOp slice = SliceOp.of(node, zeros.facts());
    if (in == null || in.mask() == null || from == null || to == null || slice.axes() == null) {
      return;
    }
    List<Integer> sliced = io.gohsp.op.Axes.normalize(node, slice.axes(), from.size());
    List<Long> steps = slice.steps();
    ZeroMask mask = in.mask();
    for (int axis = 0; axis < from.size(); axis++) {
      boolean inOrder =
          !sliced.contains(axis) || (steps != null && steps.get(sliced.indexOf(axis)) == 1);
      List<AxisLayout> pieces = zeros.pieces(node, axis);
      if (pieces != null) {
        mask = piece(mask, axis, pieces, zeros);
      } else if (!inOrder || !zeros.resolution().same(from.get(axis), to.get(axis))) {
        mask = mask.everywhereAlong(axis); // any piece of what is zero everywhere
      }
      if (mask == null) {
        return;
      }
    }
    zeros.set(node.output(), mask.spread(zeros.dims(node.output())), in.zeroPoint());
  }

  /** What was taken of an axis; null if the axis is not made up as the pieces say. */
  private static @Nullable ZeroMask piece(
      ZeroMask mask, int axis, List<AxisLayout> pieces, Zeros zeros) {
    int[] counts = pieces.stream().mapToInt(zeros.resolution()::count).toArray();
    return Arrays.stream(counts).sum() == mask.dim(axis)
        ? mask.select(axis, range(counts[0], counts[1]))
        : null;
  }

  /**
   * One constant index takes a piece; of a list of indices nothing is followed but that other axes
   * stay.
   */
  private static void gather(Node node, Zeros zeros) {
    Value data = node.input(0);
    Known in = zeros.movable(data);
    if (in == null || in.mask() == null) {
      return;
    }
    int along = GatherOp.of(node).axis(in.mask().rank());
    List<AxisLayout> pieces = zeros.pieces(node, along);
    ZeroMask mask =
        pieces == null ? in.mask().everywhereAlong(along) : piece(in.mask(), along, pieces, zeros);
    int[] dims = zeros.dims(node.output());
    if (mask == null
        || mask.dim(along) != 1
        || ZeroMask.volume(dims) != ZeroMask.volume(mask.dims())) {
      return;
    }
    zeros.set(node.output(), mask.reshaped(dims), in.zeroPoint());
  }
}
