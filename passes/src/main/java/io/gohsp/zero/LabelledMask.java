package io.gohsp.zero;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mask whose axes are named as in an Einstein sum.
 *
 * @param mask null: zero nowhere
 */
record LabelledMask(@Nullable ZeroMask mask, List<String> labels) {
  /**
   * For every index of the axes {@code target}: whether this is zero at all positions with that
   * index.
   *
   * @param dims extents of {@code target}
   */
  ZeroMask over(List<String> target, int[] dims) {
    boolean[] zero = new boolean[ZeroMask.volume(dims)];
    ZeroMask own = mask;
    if (own == null) {
      return new ZeroMask(dims.clone(), zero);
    }
    int[] shrunk = dims.clone();
    for (int i = 0; i < shrunk.length; i++) {
      int axis = labels.indexOf(target.get(i));
      shrunk[i] = axis < 0 ? 1 : own.dim(axis);
    }
    boolean[] all = new boolean[ZeroMask.volume(shrunk)];
    Arrays.fill(all, true);
    int[] extents = own.dims();
    int[] index = new int[extents.length];
    for (int i = 0, count = ZeroMask.volume(extents); i < count; i++) {
      if (!own.at(index)) {
        int at = 0;
        for (int axis = 0; axis < shrunk.length; axis++) {
          int from = labels.indexOf(target.get(axis));
          at = at * shrunk[axis] + (from < 0 ? 0 : index[from]);
        }
        all[at] = false;
      }
      ZeroMask.advance(index, extents);
    }
    return new ZeroMask(shrunk, all).spread(dims);
  }
}
