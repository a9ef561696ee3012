package io.gohsp.ir;

import io.gohsp.tensor.ElementType;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a file declares about a value. */
public sealed interface ValueType {
  /**
   * A dense tensor.
   *
   * @param shape null when even the rank is undeclared
   */
  record TensorType(ElementType element, @Nullable List<Dim> shape) implements ValueType {
    public TensorType {
      shape = shape == null ? null : List.copyOf(shape);
    }

    /** All extents known, in file notation. */
    public static TensorType of(ElementType element, long... dims) {
      return new TensorType(element, java.util.Arrays.stream(dims).mapToObj(Dim::of).toList());
    }

    @Override
    public String toString() {
      return element + (shape == null ? "" : shape.toString());
    }
  }

  /** Whether no tensor can have the shape of both types. */
  default boolean isOtherShapeThan(@Nullable ValueType other) {
    if (!(this instanceof TensorType a) || !(other instanceof TensorType b)) {
      return false;
    }
    List<Dim> one = a.shape();
    List<Dim> two = b.shape();
    return one != null
        && two != null
        && (one.size() != two.size()
            || IntStream.range(0, one.size())
                .anyMatch(
                    axis ->
                        one.get(axis).isKnown()
                            && two.get(axis).isKnown()
                            && one.get(axis).value() != two.get(axis).value()));
  }

  /** Sequences, maps, optionals, sparse tensors: carried along, never looked into. */
  record Opaque(String description) implements ValueType {}
}
