package io.gohsp.zero;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Which positions of a value are certainly zero: a row-major array of truths. Immutable. */
final class ZeroMask {
  private final int[] dims;
  private final boolean[] zero;

  /** Takes over both arrays. */
  ZeroMask(int[] dims, boolean[] zero) {
    this.dims = dims;
    this.zero = zero;
  }

  /** Asks for every index in order; the array handed out is reused. */
  static ZeroMask of(int[] dims, Predicate<int[]> zero) {
    boolean[] all = new boolean[volume(dims)];
    int[] index = new int[dims.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = zero.test(index);
      advance(index, dims);
    }
    return new ZeroMask(dims.clone(), all);
  }

  private static ZeroMask nowhere(int[] dims) {
    return new ZeroMask(dims.clone(), new boolean[volume(dims)]);
  }

  static int volume(int[] dims) {
    return Arrays.stream(dims).reduce(1, Math::multiplyExact);
  }

  /** The next index in row-major order. */
  static void advance(int[] index, int[] dims) {
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      if (++index[axis] < dims[axis]) {
        return;
      }
      index[axis] = 0;
    }
  }

  int[] dims() {
    return dims.clone();
  }

  int dim(int axis) {
    return dims[axis];
  }

  int rank() {
    return dims.length;
  }

  boolean hasDims(int... expected) {
    return Arrays.equals(dims, expected);
  }

  boolean isNowhere() {
    for (boolean z : zero) {
      if (z) {
        return false;
      }
    }
    return true;
  }

  /** Whether the position is zero; along axes of extent one any index will do. */
  boolean at(int... index) {
    int at = 0;
    for (int axis = 0; axis < dims.length; axis++) {
      at = at * dims[axis] + (dims[axis] == 1 ? 0 : index[axis]);
    }
    return zero[at];
  }

  /** Zero where both are; of the same extents. */
  ZeroMask and(ZeroMask other) {
    return of(dims, index -> at(index) && other.at(index));
  }

  /** Zero where either is; of the same extents. */
  ZeroMask or(ZeroMask other) {
    return of(dims, index -> at(index) || other.at(index));
  }

  /** The same truths in the same order under other extents; nowhere if those do not fit. */
  ZeroMask reshaped(int... newDims) {
    if (volume(newDims) != zero.length) {
      return nowhere(newDims);
    }
    return new ZeroMask(newDims.clone(), zero);
  }

  /** Axis i of the result is axis {@code perm[i]} of this. */
  ZeroMask permuted(List<Integer> perm) {
    int[] newDims = perm.stream().mapToInt(axis -> dims[axis]).toArray();
    int[] index = new int[dims.length];
    return of(
        newDims,
        to -> {
          for (int axis = 0; axis < to.length; axis++) {
            index[perm.get(axis)] = to[axis];
          }
          return at(index);
        });
  }

  /**
   * Broadcast as numpy does: axes are matched from the last, those of extent one repeat. Nowhere if
   * the extents do not fit.
   */
  ZeroMask spread(int[] newDims) {
    if (Arrays.equals(dims, newDims)) {
      return this;
    }
    int shift = newDims.length - dims.length;
    for (int axis = 0; axis < dims.length; axis++) {
      if (shift < 0 || (dims[axis] != 1 && dims[axis] != newDims[axis + shift])) {
        return nowhere(newDims);
      }
    }
    int[] index = new int[dims.length];
    return of(
        newDims,
        to -> {
          System.arraycopy(to, shift, index, 0, index.length);
          return at(index);
        });
  }

  /** The axis with extent one: zero where all its positions are. */
  ZeroMask everywhereAlong(int axis) {
    if (dims[axis] == 1) {
      return this;
    }
    int[] newDims = dims.clone();
    newDims[axis] = 1;
    int[] index = new int[dims.length];
    return of(
        newDims,
        to -> {
          System.arraycopy(to, 0, index, 0, to.length);
          for (index[axis] = 0; index[axis] < dims[axis]; index[axis]++) {
            if (!at(index)) {
              return false;
            }
          }
          return true;
        });
  }

  /** The axis made of the given positions, in their order. */
  ZeroMask select(int axis, int[] positions) {
    int[] newDims = dims.clone();
    newDims[axis] = positions.length;
    int[] index = new int[dims.length];
    return of(
        newDims,
        to -> {
          System.arraycopy(to, 0, index, 0, to.length);
          index[axis] = positions[to[axis]];
          return at(index);
        });
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(Arrays.toString(dims)).append(' ');
    for (boolean z : zero) {
      text.append(z ? '0' : '*');
    }
    return text.toString();
  }
}
