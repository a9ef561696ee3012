package io.gohsp.axis;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConcatOp;
import io.gohsp.op.ConstantValue;
import io.gohsp.op.GatherOp;
import io.gohsp.op.PadOp;
import io.gohsp.op.SliceOp;
import io.gohsp.op.SplitOp;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that put axes side by side or take pieces of them. */
final class SegmentAxes {
  private SegmentAxes() {}

  static void register(AxisRules rules) {
    rules.add(SegmentAxes::concat, "Concat");
    rules.add(SegmentAxes::split, "Split");
    rules.add(SegmentAxes::slice, "Slice");
    rules.add(SegmentAxes::gather, "Gather");
    rules.add(SegmentAxes::gatherNd, "GatherND");
    rules.add(SegmentAxes::gatherElements, "GatherElements");
    rules.add(SegmentAxes::pad, "Pad");
    rules.add(SegmentAxes::resize, "Resize", "Upsample");
  }

  private static void concat(Node node, Axes axes) {
    Value out = node.output();
    int along = ConcatOp.of(node).axis(axes.rank(out));
    List<Value> parts = node.presentInputs().toList();
    axes.unify(
        axes.of(out, along),
        new AxisLayout.Sum(parts.stream().map(part -> axes.of(part, along)).toList()),
        node);
    parts.forEach(part -> othersPass(node, part, out, along, axes));
  }

  private static void split(Node node, Axes axes) {
    Value in = node.input(0);
    int along = SplitOp.of(node, axes.facts()::constants).axis(axes.rank(in));
    List<Value> parts = node.presentOutputs().toList();
    axes.unify(
        axes.of(in, along),
        new AxisLayout.Sum(parts.stream().map(part -> axes.of(part, along)).toList()),
        node);
    parts.forEach(part -> othersPass(node, in, part, along, axes));
  }

  private static void othersPass(Node node, Value a, Value b, int except, Axes axes) {
    for (int axis = 0; axis < axes.rank(a); axis++) {
      if (axis != except) {
        axes.unify(axes.of(a, axis), axes.of(b, axis), node);
      }
    }
  }

  private static void slice(Node node, Axes axes) {
    Value in = node.input(0);
    Value out = node.output();
    SliceOp slice = SliceOp.of(node, axes.facts()::constants);
    List<Long> starts = slice.starts();
    List<Long> steps = slice.steps();
    List<Long> named = slice.axes();
    if (named == null) {
      axes.fixAll(node, "takes a slice along axes that are computed at run time");
      return;
    }
    List<Integer> sliced = io.gohsp.op.Axes.normalize(node, named, axes.rank(in));
    for (int axis = 0; axis < axes.rank(in); axis++) {
      AxisLayout from = axes.of(in, axis);
      AxisLayout to = axes.of(out, axis);
      int entry = sliced.indexOf(axis);
      if (entry < 0) {
        axes.unify(from, to, node);
      } else if (starts == null || steps == null) {
        axes.fix(from, node, "takes a slice whose bounds are computed at run time");
        axes.fix(to, node, "takes a slice whose bounds are computed at run time");
      } else if (steps.get(entry) == 1 && from.size().equals(to.size())) {
        axes.unify(from, to, node);
      } else if (steps.get(entry) == 1 && from.size().isKnown() && to.size().isKnown()) {
        take(node, axis, from, clamp(starts.get(entry), from.size().value()), to, axes);
      } else if (takesEveryNth(starts.get(entry), steps.get(entry), from.size(), to.size())) {
        everyNth(node, from, to, steps.get(entry), axes);
      } else {
        axes.fix(from, node, "takes a slice in steps, or of an axis of unknown extent");
        axes.fix(to, node, "takes a slice in steps, or of an axis of unknown extent");
      }
    }
  }

  /**
   * Whether the slice takes one position of every step and leaves no rest. The start has to count
   * from the front: then it stays right however many steps go.
   */
  private static boolean takesEveryNth(long start, long step, Size from, Size to) {
    return step > 1 && start >= 0 && start < step && from.equals(to.times(Size.of(step)));
  }

  /** Rotary embeddings that pair neighbours: {@code from} is {@code to} times a step. */
  private static void everyNth(Node node, AxisLayout from, AxisLayout to, long step, Axes axes) {
    AxisLayout[] positions = new AxisLayout[Math.toIntExact(Math.min(step, 1024))];
    if (step > positions.length) {
      axes.fix(from, node, "takes a slice in large steps");
      axes.fix(to, node, "takes a slice in large steps");
      return;
    }
    Arrays.fill(positions, AxisLayout.UNIT);
    axes.unify(from, axes.product(to, axes.sum(positions)), node);
  }

  private static long clamp(long bound, long size) {
    return Math.max(0, Math.min(bound < 0 ? bound + size : bound, size));
  }

  /** {@code from} is something before, then {@code taken}, then something after. */
  private static void take(
      Node node, int axis, AxisLayout from, long start, AxisLayout taken, Axes axes) {
    long size = from.size().value();
    AxisLayout before = axes.fresh(Size.of(start));
    AxisLayout after = axes.fresh(Size.of(size - start - taken.size().value()));
    axes.unify(from, axes.sum(before, taken, after), node);
    axes.pieces(node, axis, List.of(before, taken, after));
  }

  /** Axes that indices address are immovable; batch axes before and whole axes behind them pass. */
  private static void gatherNd(Node node, Axes axes) {
    Value data = node.input(0);
    Value indices = node.input(1);
    Value out = node.output();
    int batch = Math.toIntExact(node.intAttribute("batch_dims", 0));
    int indexRank = axes.rank(indices);
    Size depth = axes.size(indices, -1);
    if (!depth.isKnown() || batch + depth.value() > axes.rank(data)) {
      axes.fixAll(node, "looks up positions by indices of unknown depth");
      return;
    }
    int addressed = batch + Math.toIntExact(depth.value());
    for (int axis = 0; axis < axes.rank(data); axis++) {
      if (axis < batch) {
        axes.unify(axes.of(data, axis), axes.of(indices, axis), node);
      } else if (axis < addressed) {
        axes.fix(axes.of(data, axis), node, "is looked up by index");
      } else {
        axes.unify(axes.of(data, axis), axes.of(out, axis - addressed + indexRank - 1), node);
      }
    }
    for (int axis = 0; axis < indexRank - 1; axis++) {
      axes.unify(axes.of(indices, axis), axes.of(out, axis), node);
    }
    axes.fix(axes.of(indices, -1), node, "counts the axes that are looked up in");
  }

  /** Along the axis any position may be taken; along others each index reads its own position. */
  private static void gatherElements(Node node, Axes axes) {
    Value data = node.input(0);
    Value indices = node.input(1);
    int along = io.gohsp.op.Axes.normalize(node, node.intAttribute("axis", 0), axes.rank(data));
    axes.unifyAll(indices, node.output(), node);
    for (int axis = 0; axis < axes.rank(data); axis++) {
      if (axis == along || !axes.size(data, axis).equals(axes.size(indices, axis))) {
        axes.fix(axes.of(data, axis), node, "is looked up by index");
        axes.fix(axes.of(indices, axis), node, "looks up positions by index");
      } else {
        axes.unify(axes.of(data, axis), axes.of(indices, axis), node);
      }
    }
  }

  /** Axes that are not scaled pass: interpolation at the very positions that are there. */
  private static void resize(Node node, Axes axes) {
    Value in = node.input(0);
    if (node.stringAttribute("coordinate_transformation_mode", "").equals("tf_crop_and_resize")) {
      axes.fixAll(node, "crops and resizes");
      return;
    }
    for (int axis = 0; axis < axes.rank(in); axis++) {
      if (isUnscaled(node, axis, axes)) {
        axes.unify(axes.of(in, axis), axes.of(node.output(), axis), node);
      } else {
        axes.fix(axes.of(in, axis), node, "is resized");
        axes.fix(axes.of(node.output(), axis), node, "is resized");
      }
    }
  }

  private static boolean isUnscaled(Node node, int axis, Axes axes) {
    Value in = node.input(0);
    boolean plain = node.attribute("axes") == null;
    if (plain && node.is("Resize") && node.optionalInput(3) != null) {
      return node.stringAttribute("keep_aspect_ratio_policy", "stretch").equals("stretch")
          && axes.size(in, axis).equals(axes.size(node.output(), axis));
    }
    int operand = node.is("Resize") && node.optionalInput(2) != null ? 2 : 1;
    Value scales = node.optionalInput(operand);
    Tensor constant = scales == null ? null : ConstantValue.of(scales);
    return plain
        && constant != null
        && constant.size() == axes.rank(in)
        && constant.floats()[axis] == 1;
  }

  /**
   * Padding with a constant puts positions beside those that are there; other modes compute them
   * from their neighbours, and negative pads cut some off.
   */
  private static void pad(Node node, Axes axes) {
    Value in = node.input(0);
    PadOp pad = PadOp.of(node, axes.facts()::constants);
    List<Integer> padded = pad.axes(axes.rank(in));
    if (pad.pads() == null || padded == null) {
      axes.fixAll(node, "pads by amounts that are computed at run time");
      return;
    }
    boolean constant = node.stringAttribute("mode", "constant").equals("constant");
    for (int axis = 0; axis < axes.rank(in); axis++) {
      int entry = padded.indexOf(axis);
      long before = entry < 0 ? 0 : pad.pads().get(entry);
      long after = entry < 0 ? 0 : pad.pads().get(entry + padded.size());
      AxisLayout from = axes.of(in, axis);
      AxisLayout to = axes.of(node.output(), axis);
      if (before == 0 && after == 0) {
        axes.unify(from, to, node);
      } else if (constant && before >= 0 && after >= 0 && from.size().isKnown()) {
        axes.unify(
            to, axes.sum(padding(node, before, axes), from, padding(node, after, axes)), node);
      } else {
        axes.fix(from, node, "is padded");
        axes.fix(to, node, "is padded");
      }
    }
  }

  private static AxisLayout padding(Node node, long positions, Axes axes) {
    AxisLayout padding = axes.fresh(Size.of(positions));
    axes.fix(padding, node, "is padding");
    return padding;
  }

  /**
   * One constant index takes a segment of extent one; a list of indices makes the axis immovable.
   */
  private static void gather(Node node, Axes axes) {
    Value data = node.input(0);
    Value indices = node.input(1);
    Value out = node.output();
    int along = GatherOp.of(node).axis(axes.rank(data));
    int indexRank = axes.rank(indices);
    long[] constant = axes.facts().constants(indices);
    AxisLayout gathered = axes.of(data, along);
    if (constant != null && constant.length == 1 && gathered.size().isKnown()) {
      long index = constant[0] < 0 ? constant[0] + gathered.size().value() : constant[0];
      take(node, along, gathered, index, AxisLayout.UNIT, axes);
    } else {
      axes.fix(gathered, node, "is looked up by index");
    }
    IntStream.range(0, axes.rank(data))
        .filter(axis -> axis != along)
        .forEach(
            axis ->
                axes.unify(
                    axes.of(data, axis),
                    axes.of(out, axis < along ? axis : axis + indexRank - 1),
                    node));
    for (int axis = 0; axis < indexRank; axis++) {
      axes.unify(axes.of(indices, axis), axes.of(out, along + axis), node);
    }
  }
}
