package io.gohsp.shape;

import io.gohsp.op.Axes;
import io.gohsp.op.GatherOp;
import io.gohsp.op.SliceOp;
import io.gohsp.op.TopKOp;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that pick elements, or put them somewhere. */
final class IndexingShapes {
  private IndexingShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(IndexingShapes::gather, "Gather");
    rules.standard(facts -> facts.result(facts.type(0), facts.shape(1)), "GatherElements");
    rules.standard(IndexingShapes::gatherNd, "GatherND");
    rules.standard(
        ElementwiseShapes::like,
        "ReverseSequence",
        "Scatter",
        "ScatterElements",
        "ScatterND",
        "TensorScatter");
    rules.standard(IndexingShapes::slice, "Slice");
    rules.standard(IndexingShapes::topK, "TopK");
    rules.standard(IndexingShapes::oneHot, "OneHot");
    rules.standard(IndexingShapes::nonZero, "NonZero");
    rules.standard(IndexingShapes::compress, "Compress");
    rules.standard(IndexingShapes::unique, "Unique");
    rules.standard(
        facts -> facts.result(ElementType.INT64, List.of(facts.fresh(0, 0), Size.of(3))),
        "NonMaxSuppression");
  }

  private static void gather(NodeFacts facts) {
    List<Size> data = facts.shape(0);
    List<Size> indices = facts.shape(1);
    if (data == null || indices == null) {
      facts.result(facts.type(0), null);
      return;
    }
    int axis = GatherOp.of(facts.node()).axis(data.size());
    List<Size> shape =
        Shapes.concatenated(
            Shapes.concatenated(data.subList(0, axis), indices),
            data.subList(axis + 1, data.size()));
    facts.result(facts.type(0), shape);
    SymbolicTensor contents = facts.data(0);
    SymbolicTensor positions = facts.data(1);
    long[] dims = Shapes.known(shape);
    if (contents == null || positions == null || dims == null) {
      return;
    }
    long[] chosen = positions.longs();
    if (chosen == null || SymbolicTensor.count(dims) > SymbolicTensor.MAX_ELEMENTS) {
      return;
    }
    long extent = contents.dims()[axis];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] += chosen[i] < 0 ? extent : 0;
      if (chosen[i] < 0 || chosen[i] >= extent) {
        throw facts.malformed(
            "there is no index " + positions.element(i) + " in an extent of " + extent);
      }
    }
    int taken = positions.rank();
    facts.data(
        contents.selected(
            dims,
            index -> {
              long[] source = new long[data.size()];
              System.arraycopy(index, 0, source, 0, axis);
              long[] at = Arrays.copyOfRange(index, axis, axis + taken);
              source[axis] = chosen[positions.offset(at)];
              System.arraycopy(index, axis + taken, source, axis + 1, source.length - axis - 1);
              return contents.offset(source);
            }));
  }

  private static void gatherNd(NodeFacts facts) {
    List<Size> data = facts.shape(0);
    List<Size> indices = facts.shape(1);
    if (data == null
        || indices == null
        || indices.isEmpty()
        || !indices.get(indices.size() - 1).isKnown()) {
      facts.result(facts.type(0), null);
      return;
    }
    long indexed =
        facts.node().intAttribute("batch_dims", 0) + indices.get(indices.size() - 1).value();
    if (indexed > data.size()) {
      throw facts.malformed("indexes " + indexed + " axes of " + data);
    }
    facts.result(
        facts.type(0),
        Shapes.concatenated(
            indices.subList(0, indices.size() - 1), data.subList((int) indexed, data.size())));
  }

  private static void slice(NodeFacts facts) {
    SliceOp op = SliceOp.of(facts.node(), facts);
    List<Size> shape = facts.shape(0);
    if (shape == null) {
      facts.result(facts.type(0), null);
      return;
    }
    if (op.axes() == null) {
      facts.result(facts.type(0), facts.freshShape(0, shape.size()));
      return;
    }
    List<Integer> axes = Axes.normalize(facts.node(), op.axes(), shape.size());
    List<@Nullable Size> starts = bounds(facts, op.starts(), 1, axes.size());
    List<@Nullable Size> ends = bounds(facts, op.ends(), 2, axes.size());
    List<Size> result = new ArrayList<>(shape);
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      Size length =
          op.steps() == null
              ? null
              : length(shape.get(axis), starts.get(i), ends.get(i), op.steps().get(i));
      result.set(axis, facts.orFresh(length, 0, axis));
    }
    facts.result(facts.type(0), List.copyOf(result));
    sliceData(facts, op, axes);
  }

  private static List<@Nullable Size> bounds(
      NodeFacts facts, @Nullable List<Long> constants, int input, int count) {
    if (constants != null) {
      return new ArrayList<>(constants.stream().map(Size::of).toList());
    }
    List<@Nullable Size> computed = facts.elements(input);
    return computed != null && computed.size() == count
        ? computed
        : Collections.nCopies(count, null);
  }

  /**
   * How many indices a slice keeps; null if that is not certain. A symbolic extent is taken to
   * reach to the start.
   */
  private static @Nullable Size length(
      Size extent, @Nullable Size start, @Nullable Size end, long step) {
    Size from = start == null ? null : position(extent, start);
    Size to = end == null ? null : position(extent, end);
    if (step < 0) {
      boolean all =
          start != null && end != null && reachesEnd(extent, start, from) && end.isKnown();
      if (extent.isKnown() && from != null && to != null && from.isKnown() && to.isKnown()) {
        long first = Math.max(-1, Math.min(extent.value() - 1, from.value()));
        long last = Math.max(-1, Math.min(extent.value() - 1, to.value()));
        return Size.of(Math.max(0, Math.floorDiv(first - last - step - 1, -step)));
      }
      return all && end.value() < -1_000_000_000L ? extent.ceilDiv(-step) : null;
    }
    if (from == null || to == null) {
      return null;
    }
    from =
        from.isKnown() && from.value() < 0
            ? Size.ZERO
            : from.isKnown() && extent.isKnown() ? Size.min(from, extent) : from;
    to = to.isKnown() && to.value() < 0 ? Size.ZERO : Size.min(to, extent);
    Size length = to.minus(from).ceilDiv(step);
    return length.isKnown() && length.value() < 0 ? Size.ZERO : length;
  }

  private static boolean reachesEnd(Size extent, Size start, @Nullable Size from) {
    return start.is(-1)
        || (from != null && extent.isAtMost(from.plus(Size.ONE)))
        || isUnbounded(start);
  }

  /**
   * Where a bound lies, counted from the front; beyond the end possibly. Null if its sign is not
   * certain.
   */
  private static @Nullable Size position(Size extent, Size bound) {
    if (isUnbounded(bound)) {
      return extent;
    }
    if (bound.isKnown()) {
      return bound.value() < -1_000_000_000L
          ? Size.of(-1)
          : bound.value() < 0 ? extent.plus(bound) : bound;
    }
    if (bound.isNonNegative()) {
      return bound;
    }
    return bound.countsFromEnd() ? extent.plus(bound) : null;
  }

  /** Exporters write "to the end" as the largest number of some type. */
  private static boolean isUnbounded(Size bound) {
    return bound.isKnown() && bound.value() >= Integer.MAX_VALUE;
  }

  private static void sliceData(NodeFacts facts, SliceOp op, List<Integer> axes) {
    SymbolicTensor data = facts.data(0);
    long[] dims = Shapes.known(facts.result(0).shape());
    List<Long> starts = op.starts();
    List<Long> steps = op.steps();
    if (data == null || dims == null || starts == null || steps == null) {
      return;
    }
    long[] first = new long[dims.length];
    long[] stride = new long[dims.length];
    Arrays.fill(stride, 1);
    for (int i = 0; i < axes.size(); i++) {
      long extent = data.dims()[axes.get(i)];
      long start = starts.get(i) < 0 ? Math.max(starts.get(i), -extent) + extent : starts.get(i);
      stride[axes.get(i)] = steps.get(i);
      first[axes.get(i)] = Math.min(start, steps.get(i) < 0 ? extent - 1 : extent);
    }
    facts.data(
        data.selected(
            dims,
            index ->
                data.offset(
                    IntStream.range(0, dims.length)
                        .mapToLong(axis -> first[axis] + stride[axis] * index[axis])
                        .toArray())));
  }

  private static void topK(NodeFacts facts) {
    TopKOp op = TopKOp.of(facts.node(), facts);
    List<Size> shape = facts.shape(0);
    if (shape != null) {
      int axis = op.axis(shape.size());
      SymbolicTensor k = facts.has(1) ? facts.data(1) : null;
      Size kept = op.k() != null ? Size.of(op.k()) : k != null ? k.single() : null;
      shape = Shapes.with(shape, axis, facts.orFresh(kept, 0, axis));
    }
    facts.result(0, facts.type(0), shape);
    facts.result(1, ElementType.INT64, shape);
  }

  private static void oneHot(NodeFacts facts) {
    List<Size> indices = facts.shape(0);
    if (indices == null) {
      facts.result(facts.type(2), null);
      return;
    }
    int axis = facts.axis(facts.node().intAttribute("axis", -1), indices.size() + 1);
    SymbolicTensor depth = facts.data(1);
    List<Size> shape = new ArrayList<>(indices);
    shape.add(axis, facts.orFresh(depth == null ? null : depth.single(), 0, axis));
    facts.result(facts.type(2), List.copyOf(shape));
  }

  private static void nonZero(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    SymbolicTensor data = facts.data(0);
    long[] contents = data == null ? null : data.longs();
    Size count =
        contents == null ? null : Size.of(Arrays.stream(contents).filter(x -> x != 0).count());
    Size rank = shape == null ? facts.fresh(0, 0) : Size.of(Math.max(1, shape.size()));
    facts.result(ElementType.INT64, List.of(rank, facts.orFresh(count, 0, 1)));
  }

  private static void compress(NodeFacts facts) {
    if (facts.node().attribute("axis") == null) {
      facts.result(facts.type(0), facts.freshShape(0, 1));
      return;
    }
    List<Size> shape = facts.shape(0);
    if (shape != null) {
      int axis = facts.axis(facts.node().intAttribute("axis", 0), shape.size());
      shape = Shapes.with(shape, axis, facts.fresh(0, axis));
    }
    facts.result(facts.type(0), shape);
  }

  private static void unique(NodeFacts facts) {
    Size count = facts.fresh(0, 0);
    List<Size> shape = facts.shape(0);
    if (facts.node().attribute("axis") == null) {
      facts.result(0, facts.type(0), List.of(count));
    } else if (shape != null) {
      int axis = facts.axis(facts.node().intAttribute("axis", 0), shape.size());
      facts.result(0, facts.type(0), Shapes.with(shape, axis, count));
    } else {
      facts.result(0, facts.type(0), null);
    }
    facts.result(1, ElementType.INT64, List.of(count));
    facts.result(2, ElementType.INT64, facts.freshShape(2, 1));
    facts.result(3, ElementType.INT64, List.of(count));
  }
}
