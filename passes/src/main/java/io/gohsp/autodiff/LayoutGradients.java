package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.TransposeOp;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Operators that move or repeat elements as a whole. */
final class LayoutGradients {
  private LayoutGradients() {}

  static void register(GradientRules rules) {
    rules.one(LayoutGradients::reshape, "Reshape", "Flatten", "Squeeze", "Unsqueeze");
    rules.one(LayoutGradients::transpose, "Transpose");
    rules.one(LayoutGradients::expand, "Expand");
    rules.one(LayoutGradients::tile, "Tile");
    rules.one(LayoutGradients::trilu, "Trilu");
    rules.one(LayoutGradients::depthToSpace, "DepthToSpace");
    rules.one(LayoutGradients::spaceToDepth, "SpaceToDepth");
  }

  /** The same elements in another shape: {@code dx} is {@code dy} in the shape of {@code x}. */
  private static List<@Nullable Value> reshape(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.reshapeLike(dy, node.input(0)));
  }

  /** Axes permuted: {@code dx} is {@code dy} with the axes back in their places. */
  private static List<@Nullable Value> transpose(Node node, Value dy, GradientContext g) {
    List<Integer> perm = TransposeOp.of(node).perm(g.rank(node.output()));
    long[] inverse = new long[perm.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[perm.get(i)] = i;
    }
    return g.only(() -> g.transpose(dy, inverse));
  }

  /** {@code x} repeated along extents of 1: {@code dx} is {@code dy} summed over them. */
  private static List<@Nullable Value> expand(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.sumTo(dy, g.shape(node.output()), node.input(0)));
  }

  /** {@code x} repeated as a whole: {@code dx} is the sum over the repetitions of {@code dy}. */
  private static List<@Nullable Value> tile(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    List<Size> shape = g.shape(x);
    List<Size> after = g.shape(node.output());
    List<Size> apart = new ArrayList<>();
    List<Long> axes = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      if (!shape.get(i).equals(after.get(i))) {
        Size times = after.get(i).dividedBy(shape.get(i));
        if (times == null || (!times.isKnown() && !shape.get(i).is(1))) {
          return tileAtRunTime(node, dy, g);
        }
        axes.add((long) apart.size());
        apart.add(times);
      }
      apart.add(shape.get(i));
    }
    return g.only(
        () ->
            g.sum(
                g.reshape(dy, g.reshapeTarget(apart, x, node.output())),
                false,
                axes.stream().mapToLong(Long::longValue).toArray()));
  }

  private static List<@Nullable Value> tileAtRunTime(Node node, Value dy, GradientContext g) {
    Value x = node.input(0);
    int rank = g.rank(x);
    Value pairs = // [repeat, extent] for each axis
        g.concat(1, g.unsqueeze(node.input(1), 1), g.unsqueeze(g.op("Shape", x), 1));
    Value apart = g.reshape(dy, g.reshape(pairs, -1));
    long[] repeats = LongStream.range(0, rank).map(i -> 2 * i).toArray();
    return g.only(() -> g.sum(apart, false, repeats));
  }

  /** One triangle of {@code x}, zero elsewhere: {@code dx} is the same triangle of {@code dy}. */
  private static List<@Nullable Value> trilu(Node node, Value dy, GradientContext g) {
    List<Attribute> upper = List.of(Attribute.of("upper", node.intAttribute("upper", 1)));
    Value k = node.optionalInput(1);
    return g.only(() -> k == null ? g.op("Trilu", upper, dy) : g.op("Trilu", upper, dy, k));
  }

  /**
   * Channels moved to positions: {@code dx} is {@code dy} with positions moved to channels. In mode
   * CRD, where a block's position is the minor part of the channel, no operator does that.
   */
  private static List<@Nullable Value> depthToSpace(Node node, Value dy, GradientContext g) {
    if (node.stringAttribute("mode", "DCR").equals("DCR")) {
      return g.only(() -> g.op("SpaceToDepth", blockSize(node), dy));
    }
    Value x = node.input(0);
    List<Size> in = g.shape(x);
    Size channels = g.shape(node.output()).get(1);
    Size block = Size.of(node.intAttribute("blocksize", 1));
    List<Size> apart = List.of(in.get(0), channels, in.get(2), block, in.get(3), block);
    return g.only(
        () -> {
          Value blocks = g.reshape(dy, g.reshapeTarget(apart, x, node.output()));
          return g.reshapeLike(g.transpose(blocks, 0, 1, 3, 5, 2, 4), x);
        });
  }

  /** Positions moved to channels: {@code dx} is {@code dy} with channels moved to positions. */
  private static List<@Nullable Value> spaceToDepth(Node node, Value dy, GradientContext g) {
    return g.only(() -> g.op("DepthToSpace", blockSize(node), dy));
  }

  private static List<Attribute> blockSize(Node node) {
    return List.of(Attribute.of("blocksize", node.intAttribute("blocksize", 1)));
  }
}
