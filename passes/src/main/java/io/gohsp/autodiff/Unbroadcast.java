package io.gohsp.autodiff;

import io.gohsp.ir.Attribute;
import io.gohsp.ir.Value;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sums a gradient over the axes along which an operand was repeated. */
final class Unbroadcast {
  private Unbroadcast() {}

  /**
   * @param from extents of the gradient
   * @param x the operand
   * @return with the extents of {@code x}
   */
  static Value sum(GradientContext c, Value gradient, List<Size> from, Value x) {
    List<Size> to = c.shape(x);
    int lead = from.size() - to.size();
    List<Long> axes = new ArrayList<>();
    for (int i = 0; i < lead; i++) {
      axes.add((long) i);
    }
    boolean inner = false;
    for (int i = 0; i < to.size(); i++) {
      Size large = from.get(lead + i);
      Size small = to.get(i);
      if (large.equals(small) || (small.isKnown() && !small.is(1))) {
        continue;
      }
      if (!small.is(1)) {
        return atRunTime(c, gradient, x, lead);
      }
      axes.add((long) lead + i);
      inner = true;
    }
    long[] summed = axes.stream().mapToLong(Long::longValue).toArray();
    if (lead == 0 || !inner) {
      return c.sum(gradient, lead == 0, summed);
    }
    return c.reshapeLike(c.sum(gradient, true, summed), x);
  }

  /** The axes to sum over are those whose extents turn out to differ. */
  private static Value atRunTime(GradientContext c, Value gradient, Value x, int lead) {
    Value small = c.op("Shape", x);
    if (lead > 0) {
      long[] ones = new long[lead];
      Arrays.fill(ones, 1);
      small = c.concat(0, c.longs(ones), small);
    }
    Value differs = c.op("Not", c.op("Equal", small, c.op("Shape", gradient)));
    Value axes = c.reshape(c.op("NonZero", differs), -1);
    Value summed =
        c.op(
            "ReduceSum",
            List.of(Attribute.of("keepdims", 1L), Attribute.of("noop_with_empty_axes", 1L)),
            gradient,
            axes);
    return lead == 0 ? summed : c.reshape(summed, c.op("Shape", x));
  }
}
