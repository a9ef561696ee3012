package io.gohsp.nd4j;

import io.gohsp.ir.Node;
import io.gohsp.op.Axes;
import io.gohsp.op.ConcatOp;
import io.gohsp.op.FlattenOp;
import io.gohsp.op.PadOp;
import io.gohsp.op.ReshapeOp;
import io.gohsp.op.SliceOp;
import io.gohsp.op.SplitOp;
import io.gohsp.op.SqueezeOp;
import io.gohsp.op.TransposeOp;
import io.gohsp.op.UnsqueezeOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Operators that move elements without changing them. Nothing is copied before it must be. */
final class LayoutKernels {
  private LayoutKernels() {}

  static void register(Kernels kernels) {
    kernels.add(call -> call.put(0, call.cell(0)), LayoutKernels::isIdle, "Identity", "Dropout");
    kernels.add(reshaping(LayoutKernels::target), "Reshape");
    kernels.add(reshaping(LayoutKernels::squeezed), "Squeeze");
    kernels.add(reshaping(LayoutKernels::unsqueezed), "Unsqueeze");
    kernels.add(reshaping(LayoutKernels::flattened), "Flatten");
    kernels.add(
        call ->
            show(
                call,
                0,
                layout -> layout.permuted(TransposeOp.of(call.node()).perm(call.cell(0).rank()))),
        "Transpose");
    kernels.add(LayoutKernels::slice, "Slice");
    kernels.add(LayoutKernels::split, "Split");
    kernels.add(LayoutKernels::concat, "Concat");
    kernels.add(LayoutKernels::expand, "Expand");
    kernels.add(LayoutKernels::tile, "Tile");
    kernels.add(LayoutKernels::depthToSpace, "DepthToSpace");
    kernels.add(LayoutKernels::spaceToDepth, "SpaceToDepth");
    kernels.add(
        LayoutKernels::pad,
        node -> node.stringAttribute("mode", "constant").equals("constant"),
        "Pad");
  }

  /** Dropout outside of training drops nothing. */
  private static boolean isIdle(Node node) {
    return node.optionalInput(2) == null && node.optionalOutput(1) == null;
  }

  private static void show(Call call, int output, UnaryOperator<Layout> change) {
    if (call.cell(0) instanceof Whole whole) {
      call.put(output, whole.seen(change.apply(Layout.dense(whole.dims()))));
    } else {
      Floats x = call.floats(0);
      call.put(output, x.seen(change.apply(x.layout())));
    }
  }

  private interface Target {
    long[] dims(Call call, long[] dims);
  }

  private static Kernel reshaping(Target target) {
    return call -> {
      long[] dims = target.dims(call, call.cell(0).dims());
      call.put(
          0,
          call.cell(0) instanceof Whole whole
              ? whole.reshaped(dims)
              : call.dense(0).reshaped(dims));
    };
  }

  private static long[] target(Call call, long[] dims) {
    ReshapeOp op = ReshapeOp.of(call.node(), call.reader());
    long[] target = Unfolding.longs(Objects.requireNonNull(op.target()));
    int open = -1;
    long known = 1;
    for (int i = 0; i < target.length; i++) {
      if (target[i] == 0 && !op.allowZero()) {
        target[i] = dims[i];
      }
      if (target[i] == -1) {
        open = i;
      } else {
        known *= target[i];
      }
    }
    if (open >= 0) {
      target[open] = known == 0 ? 0 : Layout.size(dims) / known;
    }
    return target;
  }

  private static long[] squeezed(Call call, long[] dims) {
    SqueezeOp op = SqueezeOp.of(call.node(), call.reader());
    List<Integer> axes = op.axes(dims.length);
    return IntStream.range(0, dims.length)
        .filter(axis -> axes == null ? dims[axis] != 1 : !axes.contains(axis))
        .mapToLong(axis -> dims[axis])
        .toArray();
  }

  private static long[] unsqueezed(Call call, long[] dims) {
    UnsqueezeOp op = UnsqueezeOp.of(call.node(), call.reader());
    List<Integer> axes = Objects.requireNonNull(op.axes(dims.length));
    List<Long> result = new ArrayList<>(Arrays.stream(dims).boxed().toList());
    axes.forEach(axis -> result.add(axis, 1L)); // rising
    return Unfolding.longs(result);
  }

  private static long[] flattened(Call call, long[] dims) {
    int axis = FlattenOp.of(call.node()).axis(dims.length);
    long rows = Layout.size(Arrays.copyOf(dims, axis));
    return new long[] {rows, Layout.size(Arrays.copyOfRange(dims, axis, dims.length))};
  }

  private static void slice(Call call) {
    SliceOp op = SliceOp.of(call.node(), call.reader());
    List<Long> starts = Objects.requireNonNull(op.starts());
    List<Long> ends = Objects.requireNonNull(op.ends());
    List<Long> steps = Objects.requireNonNull(op.steps());
    long[] dims = call.cell(0).dims();
    List<Integer> axes =
        Axes.normalize(call.node(), Objects.requireNonNull(op.axes()), dims.length);
    UnaryOperator<Layout> change =
        layout -> {
          Layout result = layout;
          for (int i = 0; i < axes.size(); i++) {
            long extent = dims[axes.get(i)];
            long step = steps.get(i);
            long start = bounded(starts.get(i), extent, step, 0);
            long end = bounded(ends.get(i), extent, step, -1);
            long count = Math.max(0, Math.floorDiv(end - start + step - Long.signum(step), step));
            result = result.ranged(axes.get(i), start, count, step);
          }
          return result;
        };
    boolean backwards = steps.stream().anyMatch(step -> step < 0);
    if (backwards && call.cell(0) instanceof Floats) { // ND4J's strides are not negative
      Layout layout = change.apply(Layout.dense(dims));
      IndexingKernels.gather(call, call.dense(0), layout.positions(), 1, layout.dims());
    } else {
      show(call, 0, change);
    }
  }

  private static long bounded(long at, long extent, long step, long least) {
    long fromFront = at < 0 ? at + extent : at;
    return step > 0
        ? Math.max(0, Math.min(extent, fromFront))
        : Math.max(least, Math.min(extent - 1, fromFront));
  }

  private static void split(Call call) {
    SplitOp op = SplitOp.of(call.node(), call.reader());
    Cell x = call.cell(0);
    int axis = op.axis(x.rank());
    List<Long> sizes = Objects.requireNonNull(op.sizes(x.dim(axis)));
    long start = 0;
    for (int i = 0; i < sizes.size(); i++) {
      long from = start;
      long count = sizes.get(i);
      if (call.node().optionalOutput(i) != null) {
        show(call, i, layout -> layout.ranged(axis, from, count, 1));
      }
      start += count;
    }
  }

  private static void concat(Call call) {
    Cell first = call.cell(0);
    int axis = ConcatOp.of(call.node()).axis(first.rank());
    long[] dims = first.dims().clone();
    dims[axis] = 0;
    for (int i = 0; i < call.inputs(); i++) {
      dims[axis] += call.cell(i).dim(axis);
    }
    if (first instanceof Whole numbers) {
      call.put(0, concat(call, numbers, axis, dims));
      return;
    }
    Floats z = call.out(0, dims);
    long start = 0;
    for (int i = 0; i < call.inputs(); i++) {
      Floats part = call.floats(i);
      Call.copy(part, z.seen(z.layout().ranged(axis, start, part.dim(axis), 1)));
      start += part.dim(axis);
    }
  }

  private static Whole concat(Call call, Whole first, int axis, long[] dims) {
    long[] out = new long[Layout.size(dims)];
    Layout whole = Layout.dense(dims);
    long start = 0;
    for (int i = 0; i < call.inputs(); i++) {
      Whole part = call.whole(i);
      int[] places = whole.ranged(axis, start, part.dim(axis), 1).positions();
      for (int j = 0; j < places.length; j++) {
        out[places[j]] = part.values()[j];
      }
      start += part.dim(axis);
    }
    return Whole.of(first.type(), dims, out);
  }

  private static void expand(Call call) {
    long[] dims = Layout.broadcast(call.cell(0).dims(), call.whole(1).values());
    expand(call, dims);
  }

  private static void expand(Call call, long[] dims) {
    if (call.cell(0) instanceof Whole whole) {
      call.put(0, whole.seen(Layout.dense(whole.dims()).expanded(dims)));
    } else {
      Floats x = call.dense(0);
      Call.copy(x, call.out(0, dims));
    }
  }

  /** With an axis for the repetitions in front of each axis. */
  private static void tile(Call call) {
    long[] dims = call.cell(0).dims();
    long[] repeats = call.whole(1).values();
    long[] single = new long[2 * dims.length];
    long[] repeated = new long[2 * dims.length];
    long[] result = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      single[2 * i] = 1;
      single[2 * i + 1] = dims[i];
      repeated[2 * i] = repeats[i];
      repeated[2 * i + 1] = dims[i];
      result[i] = repeats[i] * dims[i];
    }
    Layout layout = Layout.dense(single).expanded(repeated);
    if (call.cell(0) instanceof Whole whole) {
      call.put(0, whole.seen(layout).reshaped(result));
    } else {
      IndexingKernels.gather(call, call.dense(0), layout.positions(), 1, result);
    }
  }

  /** Pads below zero crop. */
  private static void pad(Call call) {
    Floats x = call.floats(0);
    PadOp op = PadOp.of(call.node(), call.reader());
    List<Integer> axes = Objects.requireNonNull(op.axes(x.rank()));
    List<Long> pads = Objects.requireNonNull(op.pads());
    long[] dims = x.dims().clone();
    Layout from = x.layout();
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      long before = pads.get(i);
      long after = pads.get(i + axes.size());
      dims[axis] += before + after;
      long cropped = Math.max(0, -before);
      from = from.ranged(axis, cropped, x.dim(axis) - cropped - Math.max(0, -after), 1);
    }
    Floats z = call.out(0, dims);
    Layout to = z.layout();
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      to = to.ranged(axis, Math.max(0, pads.get(i)), from.dims()[axis], 1);
    }
    z.array().assign(call.has(2) ? call.dense(2).read().get(0) : 0);
    Call.copy(x.seen(from), z.seen(to));
  }

  /** [B, C, H, W] to [B, C/b², H b, W b]. */
  private static void depthToSpace(Call call) {
    Floats x = call.dense(0);
    long b = call.node().intAttribute("blocksize", 1);
    long c = x.dim(1) / (b * b);
    boolean columnsFirst = call.node().stringAttribute("mode", "DCR").equals("CRD");
    Floats parts =
        columnsFirst
            ? x.reshaped(x.dim(0), c, b, b, x.dim(2), x.dim(3))
            : x.reshaped(x.dim(0), b, b, c, x.dim(2), x.dim(3));
    List<Integer> perm = columnsFirst ? List.of(0, 1, 4, 2, 5, 3) : List.of(0, 3, 4, 1, 5, 2);
    Floats z = call.out(0, x.dim(0), c, x.dim(2) * b, x.dim(3) * b);
    Layout turned = parts.layout().permuted(perm);
    Call.copy(parts.seen(turned), z.reshaped(turned.dims()));
  }

  /** [B, C, H b, W b] to [B, b² C, H, W]. */
  private static void spaceToDepth(Call call) {
    Floats x = call.dense(0);
    long b = call.node().intAttribute("blocksize", 1);
    Floats parts = x.reshaped(x.dim(0), x.dim(1), x.dim(2) / b, b, x.dim(3) / b, b);
    Layout turned = parts.layout().permuted(List.of(0, 3, 5, 1, 2, 4));
    Floats z = call.out(0, x.dim(0), x.dim(1) * b * b, x.dim(2) / b, x.dim(3) / b);
    Call.copy(parts.seen(turned), z.reshaped(turned.dims()));
  }
}
