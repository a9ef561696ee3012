package io.gohsp.verify;

import java.util.Arrays;

/**
 * One number for each place in a tensor, whatever row it is in: places are indices along all axes
 * but the first, which runs over the examples of a batch. Grows with the largest tensor seen, so
 * that the same place of a short and a long sequence is one. Single precision; numbers beyond it
 * count as its largest.
 */
final class ElementGrid {
  private final float start;
  private int[] dims;
  private float[] numbers;

  /**
   * @param start what places hold that nothing was put to
   */
  ElementGrid(float start) {
    this.start = start;
    this.dims = new int[0];
    this.numbers = new float[] {start};
  }

  ElementGrid(ElementGrid other) {
    this.start = other.start;
    this.dims = other.dims;
    this.numbers = other.numbers.clone();
  }

  /** Extents of all axes but the first. */
  static int[] places(long[] tensor) {
    int[] dims = new int[Math.max(0, tensor.length - 1)];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = Math.toIntExact(tensor[i + 1]);
    }
    return dims;
  }

  int[] dims() {
    return dims;
  }

  int size() {
    return numbers.length;
  }

  double get(int place) {
    return numbers[place];
  }

  void raise(int place, double number) {
    numbers[place] = Math.max(numbers[place], clamped(number));
  }

  void lower(int place, double number) {
    numbers[place] = Math.min(numbers[place], clamped(number));
  }

  private static float clamped(double number) {
    return (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, number));
  }

  /** Makes room for tensors of these extents, all of the same rank. */
  void growTo(int[] wanted) {
    if (Arrays.equals(dims, wanted)) {
      return;
    }
    int[] larger = wanted.clone();
    for (int i = 0; i < dims.length; i++) {
      larger[i] = Math.max(larger[i], dims[i]);
    }
    if (Arrays.equals(dims, larger)) {
      return;
    }
    float[] moved = new float[size(larger)];
    Arrays.fill(moved, start);
    if (dims.length == larger.length) {
      for (int i = 0; i < numbers.length; i++) {
        moved[place(i, dims, larger)] = numbers[i];
      }
    }
    dims = larger;
    numbers = moved;
  }

  static int size(int[] dims) {
    int size = 1;
    for (int dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  /** Where each place of a tensor of some extents is here, in its order. */
  int[] places(int[] from) {
    int[] places = new int[size(from)];
    boolean same = Arrays.equals(from, dims);
    for (int i = 0; i < places.length; i++) {
      places[i] = same ? i : place(i, from, dims);
    }
    return places;
  }

  /** Where the place number {@code flat} of a grid of some extents is in a larger one. */
  private static int place(int flat, int[] from, int[] to) {
    int rest = flat;
    int place = 0;
    int stride = 1;
    for (int axis = from.length - 1; axis >= 0; axis--) {
      place += rest % from[axis] * stride;
      rest /= from[axis];
      stride *= to[axis];
    }
    return place;
  }
}
