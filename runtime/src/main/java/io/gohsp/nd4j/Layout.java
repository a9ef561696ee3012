package io.gohsp.nd4j;

import java.util.Arrays;
import java.util.List;

/**
 * Which elements of a flat piece of memory a tensor shows: transposing, slicing, splitting and
 * expanding change this and copy nothing.
 *
 * @param offset position of the first element
 * @param strides distance of neighbours along each axis; 0 where an element is repeated
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Layout(long offset, long[] dims, long[] strides) {
  static Layout dense(long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis];
    }
    return new Layout(0, dims, strides);
  }

  static int size(long... dims) {
    long size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return Math.toIntExact(size);
  }

  /** The extents that two operands have together. */
  static long[] broadcast(long[] a, long[] b) {
    int rank = Math.max(a.length, b.length);
    long[] out = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long left = i <= a.length ? a[a.length - i] : 1;
      long right = i <= b.length ? b[b.length - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw new IllegalArgumentException(
            Arrays.toString(a) + " and " + Arrays.toString(b) + " do not broadcast");
      }
      out[rank - i] = left == 1 ? right : left;
    }
    return out;
  }

  /** Whether the elements lie one after another in their order. */
  boolean isDense() {
    long stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      if (dims[axis] != 1 && strides[axis] != stride) {
        return false;
      }
      stride *= dims[axis];
    }
    return true;
  }

  Layout shifted(long by) {
    return new Layout(offset + by, dims, strides);
  }

  Layout permuted(List<Integer> perm) {
    return new Layout(
        offset,
        perm.stream().mapToLong(axis -> dims[axis]).toArray(),
        perm.stream().mapToLong(axis -> strides[axis]).toArray());
  }

  /** Repeats elements along axes of extent 1, and along new axes in front. */
  Layout expanded(long... to) {
    int added = to.length - dims.length;
    long[] newStrides = new long[to.length];
    for (int axis = 0; axis < to.length; axis++) {
      long own = axis < added ? 1 : dims[axis - added];
      if (own != to[axis] && own != 1) {
        throw new IllegalArgumentException(
            Arrays.toString(dims) + " does not expand to " + Arrays.toString(to));
      }
      newStrides[axis] = own != to[axis] ? 0 : axis < added ? 1 : strides[axis - added];
    }
    return new Layout(offset, to, newStrides);
  }

  /** Every {@code step}-th of {@code count} positions along one axis, from {@code start} on. */
  Layout ranged(int axis, long start, long count, long step) {
    long[] newDims = dims.clone();
    long[] newStrides = strides.clone();
    newDims[axis] = count;
    newStrides[axis] = strides[axis] * step;
    return new Layout(offset + start * strides[axis], newDims, newStrides);
  }

  /** The position of each element, row-major. */
  int[] positions() {
    int[] out = new int[size(dims)];
    if (out.length == 0) {
      return out;
    }
    int rank = dims.length;
    int inner = rank == 0 ? 1 : (int) dims[rank - 1];
    int step = rank == 0 ? 0 : (int) strides[rank - 1];
    long[] index = new long[rank];
    long at = offset;
    for (int i = 0; i < out.length; ) {
      for (int j = 0; j < inner; j++) {
        out[i++] = (int) at + j * step;
      }
      for (int axis = rank - 2; axis >= 0; axis--) {
        at += strides[axis];
        if (++index[axis] < dims[axis]) {
          break;
        }
        at -= strides[axis] * dims[axis];
        index[axis] = 0;
      }
    }
    return out;
  }
}
