package io.gohsp.shape;

import io.gohsp.op.ConcatOp;
import io.gohsp.op.FlattenOp;
import io.gohsp.op.PadOp;
import io.gohsp.op.ReshapeOp;
import io.gohsp.op.SplitOp;
import io.gohsp.op.SqueezeOp;
import io.gohsp.op.TransposeOp;
import io.gohsp.op.UnsqueezeOp;
import io.gohsp.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators that move elements and compute none. */
final class ReshapingShapes {
  private ReshapingShapes() {}

  static void register(ShapeRules rules) {
    rules.standard(ReshapingShapes::reshape, "Reshape");
    rules.standard(ReshapingShapes::flatten, "Flatten");
    rules.standard(ReshapingShapes::squeeze, "Squeeze");
    rules.standard(ReshapingShapes::unsqueeze, "Unsqueeze");
    rules.standard(ReshapingShapes::transpose, "Transpose");
    rules.standard(ReshapingShapes::expand, "Expand");
    rules.standard(ReshapingShapes::tile, "Tile");
    rules.standard(ReshapingShapes::concat, "Concat");
    rules.standard(ReshapingShapes::split, "Split");
    rules.standard(ReshapingShapes::pad, "Pad");
    rules.standard(facts -> shuffleBlocks(facts, true), "DepthToSpace");
    rules.standard(facts -> shuffleBlocks(facts, false), "SpaceToDepth");
  }

  private static void reshape(NodeFacts facts) {
    ReshapeOp op = ReshapeOp.of(facts.node(), facts);
    List<@Nullable Size> target = op.target() != null ? sizes(op.target()) : facts.elements(1);
    List<Size> shape = target == null ? null : reshaped(facts, target, op.allowZero());
    facts.result(facts.type(0), shape);
    moveData(facts);
  }

  private static List<@Nullable Size> sizes(List<Long> numbers) {
    return new ArrayList<>(numbers.stream().map(Size::of).toList());
  }

  private static List<Size> reshaped(
      NodeFacts facts, List<@Nullable Size> target, boolean allowZero) {
    List<Size> operand = facts.shape(0);
    List<@Nullable Size> result = new ArrayList<>();
    List<Integer> open = new ArrayList<>();
    for (int axis = 0; axis < target.size(); axis++) {
      Size wanted = target.get(axis);
      if (wanted != null && wanted.is(0) && !allowZero) {
        if (operand != null && axis >= operand.size()) {
          throw facts.malformed(
              "copies extent " + axis + " of an operand of rank " + operand.size());
        }
        wanted = operand == null ? null : operand.get(axis);
      }
      boolean isOpen = wanted == null || wanted.is(-1);
      if (isOpen) {
        open.add(axis);
      }
      result.add(isOpen ? null : wanted);
    }
    if (operand != null && open.size() <= 1) {
      Size total = Shapes.product(operand);
      Size rest = result.stream().filter(size -> size != null).reduce(Size.ONE, Size::times);
      Size left = total.exactlyDividedBy(rest);
      boolean contradiction =
          left == null ? !rest.is(0) : open.isEmpty() && left.isKnown() && !left.is(1);
      if (contradiction || (rest.is(0) && total.isKnown() && !total.is(0))) {
        throw facts.malformed(operand + " has not as many elements as " + target);
      }
      if (!open.isEmpty()) {
        result.set(open.get(0), left);
      } else if (left != null && !left.is(1)) {
        bringInLine(result, total);
      }
    }
    List<Size> shape = new ArrayList<>();
    for (int axis = 0; axis < result.size(); axis++) {
      shape.add(facts.orFresh(result.get(axis), 0, axis));
    }
    return List.copyOf(shape);
  }

  /**
   * Extents multiply to the number of elements, or the model would not run: where one, computed
   * from other symbols, would have to be something simpler, it is that. So {@code [b, h*w+1, 24]}
   * of {@code [b, 17, 24]} is {@code [b, 17, 24]}.
   */
  private static void bringInLine(List<@Nullable Size> extents, Size total) {
    for (int axis = 0; axis < extents.size(); axis++) {
      Size extent = extents.get(axis);
      Size others = Size.ONE;
      for (int other = 0; other < extents.size(); other++) {
        Size factor = extents.get(other);
        others = other == axis || factor == null ? others : others.times(factor);
      }
      Size needed = total.dividedBy(others);
      if (extent != null && !extent.isKnown() && needed != null) {
        extents.set(axis, needed);
        return;
      }
    }
  }

  /** Where the result has the operand's elements in the same order. */
  private static void moveData(NodeFacts facts) {
    SymbolicTensor data = facts.data(0);
    long[] dims = Shapes.known(facts.result(0).shape());
    if (data != null && dims != null && SymbolicTensor.count(dims) == data.elements().size()) {
      facts.data(data.reshaped(dims));
    }
  }

  private static void flatten(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    if (shape == null) {
      facts.result(facts.type(0), facts.freshShape(0, 2));
      return;
    }
    int axis = FlattenOp.of(facts.node()).axis(shape.size());
    List<Size> matrix =
        List.of(
            Shapes.product(shape.subList(0, axis)),
            Shapes.product(shape.subList(axis, shape.size())));
    facts.result(facts.type(0), matrix);
    moveData(facts);
  }

  private static void squeeze(NodeFacts facts) {
    SqueezeOp op = SqueezeOp.of(facts.node(), facts);
    List<Size> shape = facts.shape(0);
    List<Integer> axes = shape == null ? null : op.axes(shape.size());
    if (shape == null || (axes == null && !(op.all() && shape.stream().allMatch(Size::isKnown)))) {
      facts.result(facts.type(0), null); // which axes are 1 is decided at run time
      return;
    }
    List<Size> kept = new ArrayList<>();
    for (int axis = 0; axis < shape.size(); axis++) {
      Size extent = shape.get(axis);
      if (axes == null ? !extent.is(1) : !axes.contains(axis)) {
        kept.add(extent);
      } else if (extent.isKnown() && !extent.is(1)) {
        throw facts.malformed("drops axis " + axis + " of " + shape + ", which is not 1");
      }
    }
    facts.result(facts.type(0), List.copyOf(kept));
    moveData(facts);
  }

  private static void unsqueeze(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    List<Integer> axes =
        shape == null ? null : UnsqueezeOp.of(facts.node(), facts).axes(shape.size());
    if (shape == null || axes == null) {
      facts.result(facts.type(0), null);
      return;
    }
    List<Size> result = new ArrayList<>(shape);
    axes.forEach(axis -> result.add(axis, Size.ONE));
    facts.result(facts.type(0), List.copyOf(result));
    moveData(facts);
  }

  private static void transpose(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    if (shape == null) {
      List<Long> perm = TransposeOp.of(facts.node()).perm();
      facts.result(facts.type(0), perm == null ? null : facts.freshShape(0, perm.size()));
      return;
    }
    List<Integer> perm = TransposeOp.of(facts.node()).perm(shape.size());
    facts.result(facts.type(0), perm.stream().map(shape::get).toList());
    SymbolicTensor data = facts.data(0);
    if (data != null) {
      long[] from = data.dims();
      facts.data(
          data.selected(
              perm.stream().mapToLong(axis -> from[axis]).toArray(),
              index -> {
                long[] source = new long[index.length];
                for (int axis = 0; axis < index.length; axis++) {
                  source[perm.get(axis)] = index[axis];
                }
                return data.offset(source);
              }));
    }
  }

  private static void expand(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    List<@Nullable Size> target = facts.elements(1);
    if (shape == null || target == null) {
      facts.result(facts.type(0), null);
      return;
    }
    int rank = Math.max(shape.size(), target.size());
    List<Size> result = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      int from = axis - (rank - shape.size());
      int to = axis - (rank - target.size());
      Size extent = from < 0 ? Size.ONE : shape.get(from);
      Size wanted = to < 0 ? Size.ONE : target.get(to);
      if (wanted == null) {
        // whatever is wanted must be 1 or the extent, unless the extent is 1
        result.add(extent.isKnown() && !extent.is(1) ? extent : facts.fresh(0, axis));
      } else {
        result.add(Broadcast.extents(facts, extent, wanted));
      }
    }
    facts.result(facts.type(0), List.copyOf(result));
    spreadData(facts);
  }

  /** Where the result repeats the operand along extents 1. */
  private static void spreadData(NodeFacts facts) {
    SymbolicTensor data = facts.data(0);
    long[] dims = Shapes.known(facts.result(0).shape());
    if (data != null && dims != null && SymbolicTensor.count(dims) <= SymbolicTensor.MAX_ELEMENTS) {
      facts.data(data.broadcastTo(dims));
    }
  }

  private static void tile(NodeFacts facts) {
    List<Size> shape = facts.shape(0);
    List<@Nullable Size> repeats = facts.opset() < 6 ? null : facts.elements(1);
    if (shape == null) {
      facts.result(facts.type(0), repeats == null ? null : facts.freshShape(0, repeats.size()));
      return;
    }
    if (repeats != null && repeats.size() != shape.size()) {
      throw facts.malformed(repeats.size() + " repeats do not go with " + shape);
    }
    List<Size> result = new ArrayList<>();
    for (int axis = 0; axis < shape.size(); axis++) {
      Size times = repeats == null ? null : repeats.get(axis);
      result.add(times == null ? facts.fresh(0, axis) : shape.get(axis).times(times));
    }
    facts.result(facts.type(0), List.copyOf(result));
    SymbolicTensor data = facts.data(0);
    long[] dims = Shapes.known(result);
    if (data != null && dims != null && SymbolicTensor.count(dims) <= SymbolicTensor.MAX_ELEMENTS) {
      long[] from = data.dims();
      facts.data(
          data.selected(
              dims,
              index -> {
                long[] source = index.clone();
                for (int axis = 0; axis < source.length; axis++) {
                  source[axis] %= from[axis];
                }
                return data.offset(source);
              }));
    }
  }

  static void concat(NodeFacts facts) {
    concat(facts, 0, 1);
  }

  /** Concatenates the operands from {@code first} on, of which every {@code step}th is data. */
  static void concat(NodeFacts facts, int first, int step) {
    ElementType type = facts.type(first);
    List<List<Size>> shapes = new ArrayList<>();
    List<Size> known = null;
    for (int i = first; i < facts.inputs(); i += step) {
      List<Size> shape = facts.shape(i);
      type = type != null ? type : facts.type(i);
      known = known != null ? known : shape;
      if (shape != null) {
        shapes.add(shape);
      }
    }
    if (known == null) {
      facts.result(type, null);
      return;
    }
    int rank = known.size();
    int axis = ConcatOp.of(facts.node()).axis(rank);
    boolean all = shapes.size() == (facts.inputs() - first + step - 1) / step;
    List<Size> result = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      Size extent = i == axis ? Size.ZERO : known.get(i);
      for (List<Size> shape : shapes) {
        if (shape.size() != rank) {
          throw facts.malformed("operands of ranks " + rank + " and " + shape.size());
        }
        extent = i == axis ? extent.plus(shape.get(i)) : same(facts, extent, shape.get(i));
      }
      result.add(i == axis && !all ? facts.fresh(0, i) : extent);
    }
    facts.result(type, List.copyOf(result));
    long[] dims = Shapes.known(result);
    if (step == 1 && dims != null && SymbolicTensor.count(dims) <= SymbolicTensor.MAX_ELEMENTS) {
      concatData(facts, axis);
    }
  }

  private static void concatData(NodeFacts facts, int axis) {
    List<SymbolicTensor> pieces = new ArrayList<>();
    boolean anything = false;
    for (int i = 0; i < facts.inputs(); i++) {
      SymbolicTensor piece = facts.dataOrUnknown(i);
      if (piece == null) {
        return;
      }
      anything |= facts.data(i) != null;
      pieces.add(piece);
    }
    if (anything) {
      facts.data(SymbolicTensor.concatenated(pieces, axis));
    }
  }

  /** Of two extents that must be equal, the one that says more. */
  static Size same(NodeFacts facts, Size a, Size b) {
    if (a.isKnown() && b.isKnown() && !a.equals(b)) {
      throw facts.malformed("extents " + a + " and " + b + " should be equal");
    }
    boolean aIsNamed = !facts.symbols().isFresh(a) || facts.symbols().isFresh(b);
    return a.isKnown() || (!b.isKnown() && aIsNamed) ? a : b;
  }

  private static void split(NodeFacts facts) {
    SplitOp op = SplitOp.of(facts.node(), facts);
    List<Size> shape = facts.shape(0);
    if (shape == null) {
      for (int i = 0; i < facts.outputs(); i++) {
        facts.result(i, facts.type(0), null);
      }
      return;
    }
    int axis = op.axis(shape.size());
    Size extent = shape.get(axis);
    List<Long> sizes = extent.isKnown() ? op.sizes(extent.value()) : op.sizes();
    List<@Nullable Size> computed = facts.has(1) ? facts.elements(1) : null;
    SymbolicTensor data = facts.data(0);
    long offset = 0;
    for (int i = 0; i < facts.outputs(); i++) {
      Size size = computed == null || i >= computed.size() ? null : computed.get(i);
      if (sizes != null) {
        size = Size.of(sizes.get(i));
      } else if (op.equal()) {
        size = equalPiece(facts, extent, i);
      }
      facts.result(i, facts.type(0), Shapes.with(shape, axis, facts.orFresh(size, i, axis)));
      if (data != null && sizes != null) {
        long start = offset;
        long[] dims = data.dims();
        dims[axis] = sizes.get(i);
        facts.data(
            i,
            data.selected(
                dims,
                index -> {
                  long[] source = index.clone();
                  source[axis] += start;
                  return data.offset(source);
                }));
        offset += sizes.get(i);
      }
    }
  }

  /** Since operator set 18 the last piece may be smaller. */
  private static @Nullable Size equalPiece(NodeFacts facts, Size extent, int index) {
    Size count = Size.of(facts.outputs());
    if (facts.node().attribute("num_outputs") == null) {
      return extent.exactlyDividedBy(count);
    }
    Size piece = extent.ceilDiv(facts.outputs());
    Size before = piece.times(count.minus(Size.ONE));
    return index < facts.outputs() - 1 ? piece : extent.minus(before);
  }

  private static void pad(NodeFacts facts) {
    PadOp op = PadOp.of(facts.node(), facts);
    List<Size> shape = facts.shape(0);
    if (shape == null) {
      facts.result(facts.type(0), null);
      return;
    }
    List<Integer> axes = op.axes(shape.size());
    List<@Nullable Size> pads =
        op.pads() != null ? sizes(op.pads()) : facts.has(1) ? facts.elements(1) : null;
    if (axes == null || pads == null || pads.size() != 2 * axes.size()) {
      facts.result(facts.type(0), facts.freshShape(0, shape.size()));
      return;
    }
    List<Size> result = new ArrayList<>(shape);
    for (int i = 0; i < axes.size(); i++) {
      int axis = axes.get(i);
      Size before = pads.get(i);
      Size after = pads.get(axes.size() + i);
      result.set(
          axis,
          before == null || after == null
              ? facts.fresh(0, axis)
              : shape.get(axis).plus(before).plus(after));
    }
    facts.result(facts.type(0), List.copyOf(result));
  }

  /** Moves blocks between channels and the two spatial axes. */
  private static void shuffleBlocks(NodeFacts facts, boolean toSpace) {
    List<Size> shape = facts.shape(0);
    if (shape == null || shape.size() != 4) {
      facts.result(facts.type(0), shape == null ? null : facts.freshShape(0, shape.size()));
      return;
    }
    Size block = Size.of(facts.node().intAttribute("blocksize", 1));
    Size area = block.times(block);
    Size channels = toSpace ? shape.get(1).exactlyDividedBy(area) : shape.get(1).times(area);
    List<@Nullable Size> extents = new ArrayList<>(Collections.singletonList(channels));
    for (Size side : shape.subList(2, 4)) {
      extents.add(toSpace ? side.times(block) : side.exactlyDividedBy(block));
    }
    List<Size> result = new ArrayList<>(List.of(shape.get(0)));
    for (Size extent : extents) {
      if (extent == null) {
        throw facts.malformed("the block size " + block + " does not divide " + shape);
      }
      result.add(extent);
    }
    facts.result(facts.type(0), List.copyOf(result));
  }
}
