package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ReduceOp;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sums and other statistics, poolings, and normalisation with stored statistics. */
final class ReductionZeros {
  private ReductionZeros() {}

  static void register(ZeroRules rules) {
    rules.add(
        (node, zeros) -> reduce(node, zeros, true),
        "ReduceSum",
        "ReduceL1",
        "ReduceL2",
        "ReduceSumSquare");
    rules.add((node, zeros) -> reduce(node, zeros, false), "ReduceMean", "ReduceMax", "ReduceMin");
    rules.add(
        ReductionZeros::pool,
        "MaxPool",
        "AveragePool",
        "LpPool",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "GlobalLpPool");
    rules.add(ReductionZeros::batchNorm, "BatchNormalization");
  }

  /** Zero where all that is reduced is zero. */
  private static void reduce(Node node, Zeros zeros, boolean sum) {
    Value in = node.input(0);
    List<AxisLayout> axes = zeros.axes(in);
    List<Integer> over = axes == null ? null : ReduceOp.of(node, zeros.facts()).axes(axes.size());
    if (axes == null || over == null) {
      return;
    }
    ZeroMask mask = zeros.of(in);
    if (sum) {
      List<Integer> order = new ArrayList<>(over);
      IntStream.range(0, axes.size()).filter(axis -> !over.contains(axis)).forEach(order::add);
      zeros.contribute(
          new Contribution(
              node,
              order.stream().map(axes::get).toList(),
              over.size(),
              mask == null ? null : mask.permuted(order)));
    }
    for (int axis : over) {
      mask = mask == null ? null : mask.everywhereAlong(axis);
    }
    int[] dims = zeros.dims(node.output());
    if (mask != null && ZeroMask.volume(dims) == ZeroMask.volume(mask.dims())) {
      zeros.set(node.output(), mask.reshaped(dims));
    }
  }

  /** Channels stay; positions in space are not told apart unless they are all zero. */
  private static void pool(Node node, Zeros zeros) {
    ZeroMask mask = zeros.of(node.input(0));
    for (int axis = 2; mask != null && axis < mask.rank(); axis++) {
      mask = mask.everywhereAlong(axis);
    }
    if (mask != null) {
      zeros.set(node.output(0), mask.spread(zeros.dims(node.output(0))));
    }
  }

  /** (x - mean) / deviation * scale + bias, all by channel. */
  private static void batchNorm(Node node, Zeros zeros) {
    ZeroMask bias = channel(node, 2, zeros);
    if (bias == null || node.intAttribute("training_mode", 0) != 0) {
      return;
    }
    ZeroMask scaled = channel(node, 1, zeros);
    ZeroMask in = zeros.of(node.input(0));
    ZeroMask mean = channel(node, 3, zeros);
    if (in != null && mean != null) {
      ZeroMask centred = in.and(mean.spread(in.dims()));
      scaled = scaled == null ? centred : centred.or(scaled.spread(in.dims()));
    }
    if (scaled != null) {
      int[] dims = zeros.dims(node.output());
      zeros.set(node.output(), scaled.spread(dims).and(bias.spread(dims)));
    }
  }

  /** A vector by channel, with the rank of the operand. */
  private static @Nullable ZeroMask channel(Node node, int operand, Zeros zeros) {
    ZeroMask mask = zeros.of(node.input(operand));
    if (mask == null || mask.rank() != 1) {
      return null;
    }
    int[] dims =
        IntStream.range(0, zeros.dims(node.output()).length)
            .map(axis -> axis == 1 ? mask.dim(0) : 1)
            .toArray();
    return mask.reshaped(dims);
  }
}
