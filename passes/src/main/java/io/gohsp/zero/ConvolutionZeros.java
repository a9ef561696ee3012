package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.op.ConvOp;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Convolutions add up over the channels of a group; space is not told apart. */
final class ConvolutionZeros {
  private ConvolutionZeros() {}

  static void register(ZeroRules rules) {
    rules.add(ConvolutionZeros::conv, "Conv");
    rules.addMicrosoft(ConvolutionZeros::conv, "FusedConv");
  }

  /** X [B, g*c, ...], W [g*m, c, ...] -> [B, g*m, ...] for g groups. */
  private static void conv(Node node, Zeros zeros) {
    Value x = node.input(0);
    Value w = node.input(1);
    List<AxisLayout> axesX = zeros.axes(x);
    List<AxisLayout> axesW = zeros.axes(w);
    if (axesX == null || axesW == null || node.inputs().size() > 3) {
      return;
    }
    int c = zeros.resolution().count(axesW.get(1));
    int channels = zeros.resolution().count(axesX.get(1));
    int groups = ConvOp.of(node, axesX.size() - 2).group() == 1 ? 1 : c == 0 ? 0 : channels / c;
    int[] dims = zeros.dims(node.output());
    if (groups == 0 || channels != groups * c || dims[1] % groups != 0) {
      return;
    }
    int m = dims[1] / groups;
    ZeroMask in = channels(zeros.of(x), 1, 2);
    ZeroMask weights = zeros.of(w);
    for (int axis = 2; weights != null && axis < weights.rank(); axis++) {
      weights = weights.everywhereAlong(axis);
    }
    ZeroMask kernel = weights == null ? null : weights.reshaped(groups, m, c);
    ZeroMask operand = in == null ? null : in.reshaped(groups, 1, c);
    if (kernel == null && operand == null) {
      zeros.contribute(new Contribution(node, List.of(axesW.get(1)), 1, null));
      return;
    }
    int[] all = {groups, m, c};
    ZeroMask addends = either(operand, kernel, all);
    zeros.contribute(
        new Contribution(
            node,
            List.of(axesW.get(1)),
            1,
            addends.everywhereAlong(0).everywhereAlong(1).reshaped(c)));
    int[] byChannel =
        IntStream.range(0, dims.length).map(axis -> axis == 1 ? dims[1] : 1).toArray();
    ZeroMask out = addends.everywhereAlong(2).reshaped(byChannel);
    Value bias = node.optionalInput(2);
    ZeroMask biasMask = zeros.ofOptional(bias);
    if (ContractionZeros.keepsZero(node) && (bias == null || biasMask != null)) {
      ZeroMask sum = biasMask == null ? out : out.and(biasMask.reshaped(byChannel));
      zeros.set(node.output(), sum.spread(dims));
    }
  }

  /** The mask with all axes but one shrunk to one position. */
  private static @Nullable ZeroMask channels(@Nullable ZeroMask mask, int channel, int space) {
    if (mask == null) {
      return null;
    }
    ZeroMask shrunk = mask.everywhereAlong(0);
    for (int axis = space; axis < mask.rank(); axis++) {
      shrunk = shrunk.everywhereAlong(axis);
    }
    return shrunk.reshaped(mask.dim(channel));
  }

  private static ZeroMask either(@Nullable ZeroMask a, @Nullable ZeroMask b, int[] dims) {
    ZeroMask nowhere = new ZeroMask(dims, new boolean[ZeroMask.volume(dims)]);
    return (a == null ? nowhere : a.spread(dims)).or(b == null ? nowhere : b.spread(dims));
  }
}
