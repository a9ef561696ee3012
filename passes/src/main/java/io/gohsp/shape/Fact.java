package io.gohsp.shape;

import io.gohsp.ir.Dim;
import io.gohsp.ir.Value;
import io.gohsp.ir.ValueType;
import io.gohsp.tensor.ElementType;
import io.gohsp.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known about one value; any part may be unknown (null). */
record Fact(@Nullable ElementType type, @Nullable List<Size> shape, @Nullable SymbolicTensor data) {
  static final Fact UNKNOWN = new Fact(null, null, null);

  static Fact of(Tensor constant) {
    List<Size> shape = Arrays.stream(constant.dims()).mapToObj(Size::of).toList();
    return new Fact(constant.type(), shape, SymbolicTensor.of(constant));
  }

  /**
   * What the file declares; an extent that it leaves open becomes a symbol that occurs nowhere
   * else.
   */
  static Fact declared(Value value, FreshSymbols symbols) {
    if (!(value.type() instanceof ValueType.TensorType declared)) {
      return UNKNOWN;
    }
    ElementType type = declared.element() == ElementType.UNDEFINED ? null : declared.element();
    if (declared.shape() == null) {
      return new Fact(type, null, null);
    }
    Size[] shape = new Size[declared.shape().size()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = extent(declared.shape().get(axis), value, axis, symbols);
    }
    return new Fact(type, List.of(shape), null);
  }

  private static Size extent(Dim dim, Value value, int axis, FreshSymbols symbols) {
    if (dim.isKnown()) {
      return Size.of(dim.value());
    }
    return dim.symbol() != null && !dim.symbol().isEmpty()
        ? Size.symbol(dim.symbol())
        : symbols.of(value, axis);
  }

  /** Where this leaves something open, what {@code other} says. */
  Fact orElse(Fact other, FreshSymbols symbols) {
    return new Fact(
        type != null ? type : other.type,
        shape == null ? other.shape : refined(shape, other.shape, symbols),
        data != null ? data : other.data);
  }

  private static List<Size> refined(
      List<Size> shape, @Nullable List<Size> other, FreshSymbols symbols) {
    if (other == null
        || other.size() != shape.size()
        || shape.stream().noneMatch(symbols::isFresh)) {
      return shape;
    }
    Size[] refined = new Size[shape.size()];
    for (int axis = 0; axis < refined.length; axis++) {
      refined[axis] = symbols.isFresh(shape.get(axis)) ? other.get(axis) : shape.get(axis);
    }
    return List.of(refined);
  }

  /**
   * What holds whichever of the two it is; an extent in which they differ becomes a symbol that
   * occurs nowhere else.
   */
  Fact merged(Fact other, Value value, FreshSymbols symbols) {
    ElementType commonType = type == other.type ? type : null;
    if (shape == null || other.shape == null || shape.size() != other.shape.size()) {
      return new Fact(commonType, null, null);
    }
    Size[] common = new Size[shape.size()];
    for (int axis = 0; axis < common.length; axis++) {
      Size extent = shape.get(axis);
      common[axis] = extent.equals(other.shape.get(axis)) ? extent : symbols.of(value, axis);
    }
    boolean sameData =
        data != null
            && other.data != null
            && data.elements().equals(other.data.elements())
            && shape.equals(other.shape);
    return new Fact(commonType, List.of(common), sameData ? data : null);
  }
}
