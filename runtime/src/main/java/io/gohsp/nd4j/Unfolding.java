package io.gohsp.nd4j;

import io.gohsp.op.Window;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * How a window moves over spatial axes: which element of the operand each place of the window sees.
 *
 * @param extents of the operand
 * @param kernel extents of the window
 * @param steps how many places there are along each axis
 * @param before padding at the start of each axis
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Unfolding(
    long[] extents, long[] kernel, long[] steps, long[] strides, long[] dilations, long[] before) {

  /** The geometry of a convolution or pooling over an operand [.., .., extents...]. */
  static Unfolding of(Window window, long[] dims, long[] kernel) {
    int spatial = dims.length - 2;
    long[] extents = new long[spatial];
    long[] steps = new long[spatial];
    long[] before = new long[spatial];
    for (int i = 0; i < spatial; i++) {
      extents[i] = dims[i + 2];
      long span = (kernel[i] - 1) * window.dilations().get(i) + 1;
      long stride = window.strides().get(i);
      long total;
      if (window.autoPad().startsWith("SAME")) {
        steps[i] = (extents[i] + stride - 1) / stride;
        total = Math.max(0, (steps[i] - 1) * stride + span - extents[i]);
        before[i] = window.autoPad().equals("SAME_UPPER") ? total / 2 : total - total / 2;
        continue;
      }
      boolean valid = window.autoPad().equals("VALID");
      before[i] = valid ? 0 : window.pads().get(i);
      total = valid ? 0 : before[i] + window.pads().get(i + spatial);
      long room = extents[i] + total - span;
      steps[i] = (window.ceil() ? -Math.floorDiv(-room, stride) : room / stride) + 1;
      if (window.ceil() && (steps[i] - 1) * stride >= extents[i] + before[i]) {
        steps[i]--; // would start in the padding after the end
      }
    }
    return new Unfolding(
        extents, kernel, steps, longs(window.strides()), longs(window.dilations()), before);
  }

  static long[] longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  int places() {
    return Layout.size(steps);
  }

  int area() {
    return Layout.size(extents);
  }

  int windowSize() {
    return Layout.size(kernel);
  }

  /**
   * For each position in the window and each place, [windowSize, places]: the position in the
   * operand, or -1 in the padding.
   */
  int[] sources() {
    int spatial = extents.length;
    int places = places();
    int[] sources = new int[windowSize() * places];
    long[] at = new long[spatial];
    long[] step = new long[spatial];
    for (int k = 0; k < windowSize(); k++) {
      unravel(k, kernel, at);
      for (int p = 0; p < places; p++) {
        unravel(p, steps, step);
        long source = 0;
        for (int i = 0; i < spatial && source >= 0; i++) {
          long position = step[i] * strides[i] + at[i] * dilations[i] - before[i];
          source = position < 0 || position >= extents[i] ? -1 : source * extents[i] + position;
        }
        sources[k * places + p] = (int) source;
      }
    }
    return sources;
  }

  private static void unravel(int flat, long[] dims, long[] index) {
    long left = flat;
    for (int i = dims.length - 1; i >= 0; i--) {
      index[i] = left % dims[i];
      left /= dims[i];
    }
  }

  /** [planes, area] to [planes, windowSize, places]. */
  void unfold(int[] sources, FloatBuffer from, FloatBuffer to, int planes) {
    int area = area();
    for (int plane = 0; plane < planes; plane++) {
      for (int i = 0; i < sources.length; i++) {
        to.put(
            plane * sources.length + i, sources[i] < 0 ? 0 : from.get(plane * area + sources[i]));
      }
    }
  }

  /** The transposed of {@link #unfold}: adds up what lands on one element. */
  void fold(int[] sources, FloatBuffer from, FloatBuffer to, int planes) {
    int area = area();
    for (int plane = 0; plane < planes; plane++) {
      for (int i = 0; i < sources.length; i++) {
        if (sources[i] >= 0) {
          int target = plane * area + sources[i];
          to.put(target, to.get(target) + from.get(plane * sources.length + i));
        }
      }
    }
  }
}
