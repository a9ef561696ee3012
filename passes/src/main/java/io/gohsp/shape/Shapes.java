package io.gohsp.shape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists of extents. */
final class Shapes {
  static final List<Size> SCALAR = List.of();

  private Shapes() {}

  static List<Size> of(long... dims) {
    return Arrays.stream(dims).mapToObj(Size::of).toList();
  }

  static Size product(List<Size> extents) {
    return extents.stream().reduce(Size.ONE, Size::times);
  }

  static List<Size> with(List<Size> shape, int axis, Size extent) {
    List<Size> changed = new ArrayList<>(shape);
    changed.set(axis, extent);
    return List.copyOf(changed);
  }

  static List<Size> without(List<Size> shape, int axis) {
    List<Size> changed = new ArrayList<>(shape);
    changed.remove(axis);
    return List.copyOf(changed);
  }

  static List<Size> concatenated(List<Size> first, List<Size> second) {
    List<Size> both = new ArrayList<>(first);
    both.addAll(second);
    return List.copyOf(both);
  }

  /** The numbers if all extents are known, else null. */
  static long @Nullable [] known(@Nullable List<Size> shape) {
    return shape == null || !shape.stream().allMatch(Size::isKnown)
        ? null
        : shape.stream().mapToLong(Size::value).toArray();
  }
}
