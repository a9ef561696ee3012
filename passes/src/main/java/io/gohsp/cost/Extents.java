package io.gohsp.cost;

import io.gohsp.ir.Node;
import io.gohsp.ir.Value;
import io.gohsp.shape.Size;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Extents as factors of a product. What is not known is a symbol that never gets a value. */
final class Extents {
  /** A factor nobody knows; a product with it in it cannot be evaluated. */
  static final Size UNKNOWN = Size.symbol("?");

  private final Function<Value, @Nullable List<Size>> shapes;

  Extents(Function<Value, @Nullable List<Size>> shapes) {
    this.shapes = shapes;
  }

  private @Nullable List<Size> shape(@Nullable Value value) {
    return value == null ? null : shapes.apply(value);
  }

  /** Number of axes; -1 if unknown. */
  int rank(@Nullable Value value) {
    List<Size> shape = shape(value);
    return shape == null ? -1 : shape.size();
  }

  /** One extent; a negative axis counts from the end. */
  Size of(@Nullable Value value, int axis) {
    List<Size> shape = shape(value);
    int at = shape == null || axis >= 0 ? axis : axis + shape.size();
    return shape == null || at < 0 || at >= shape.size() ? UNKNOWN : shape.get(at);
  }

  /** The extent, or 0 where the optional value is absent. */
  Size orZero(@Nullable Value value, int axis) {
    return value == null ? Size.ZERO : of(value, axis);
  }

  /** Number of elements. */
  Size elements(@Nullable Value value) {
    return elements(value, 0);
  }

  /** Number of elements at one position of the axes before {@code from}. */
  Size elements(@Nullable Value value, int from) {
    List<Size> shape = shape(value);
    return shape == null || from > shape.size()
        ? UNKNOWN
        : shape.subList(from, shape.size()).stream().reduce(Size.ONE, Size::times);
  }

  /** Number of elements of the first output. */
  Size result(Node node) {
    return elements(node.output());
  }
}
