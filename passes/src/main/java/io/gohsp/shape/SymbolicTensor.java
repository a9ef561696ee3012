package io.gohsp.shape;

import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the contents of a small whole-number or boolean tensor, row-major; an element
 * that is not known is null, true is 1. Immutable.
 */
public final class SymbolicTensor {
  /** Contents of larger tensors are not followed. */
  public static final int MAX_ELEMENTS = 4096;

  private final long[] dims;
  private final List<@Nullable Size> elements;

  SymbolicTensor(long[] dims, List<? extends @Nullable Size> elements) {
    this.dims = dims.clone();
    this.elements = Collections.unmodifiableList(new ArrayList<@Nullable Size>(elements));
    if (count(dims) != elements.size()) {
      throw new IllegalArgumentException(
          elements.size() + " elements for " + Arrays.toString(dims));
    }
  }

  static SymbolicTensor scalar(@Nullable Size element) {
    return new SymbolicTensor(new long[0], Collections.singletonList(element));
  }

  static SymbolicTensor vector(List<? extends @Nullable Size> elements) {
    return new SymbolicTensor(new long[] {elements.size()}, elements);
  }

  static SymbolicTensor filled(long[] dims, @Nullable Size element) {
    return new SymbolicTensor(dims, Collections.nCopies(requireSmall(dims), element));
  }

  private static int requireSmall(long[] dims) {
    long count = count(dims);
    if (count < 0 || count > MAX_ELEMENTS) {
      throw new ArithmeticException("contents of " + count + " elements are not followed");
    }
    return (int) count;
  }

  /** The contents of a constant, if it is small and of whole numbers or booleans; else null. */
  static @Nullable SymbolicTensor of(Tensor constant) {
    return !holdsWholeNumbers(constant) || constant.size() > MAX_ELEMENTS
        ? null
        : new SymbolicTensor(
            constant.dims(), Arrays.stream(constant.longs()).mapToObj(Size::of).toList());
  }

  static boolean holdsWholeNumbers(Tensor constant) {
    return switch (constant.type()) {
      case INT64, UINT64, INT32, UINT32, INT16, UINT16, INT8, UINT8, BOOL -> true;
      default -> false;
    };
  }

  /** Number of elements; {@link Long#MAX_VALUE} stands for anything past 64 bits. */
  static long count(long[] dims) {
    long count = 1;
    for (long dim : dims) {
      long high = Math.multiplyHigh(count, dim);
      count = high != 0 || count * dim < 0 ? Long.MAX_VALUE : count * dim;
    }
    return count;
  }

  public long[] dims() {
    return dims.clone();
  }

  public int rank() {
    return dims.length;
  }

  /** Row-major. */
  public List<@Nullable Size> elements() {
    return elements;
  }

  public @Nullable Size element(int index) {
    return elements.get(index);
  }

  /** The contents if every element is a number, else null. */
  public long @Nullable [] longs() {
    long[] values = new long[elements.size()];
    for (int i = 0; i < values.length; i++) {
      Size element = elements.get(i);
      if (element == null || !element.isKnown()) {
        return null;
      }
      values[i] = element.value();
    }
    return values;
  }

  /** The only element; null if it is unknown or there is not exactly one. */
  @Nullable Size single() {
    return elements.size() == 1 ? elements.get(0) : null;
  }

  SymbolicTensor reshaped(long[] newDims) {
    return new SymbolicTensor(newDims, elements);
  }

  /**
   * A tensor of the given extents whose element at an index is this one's element at {@code source}
   * of that index.
   */
  SymbolicTensor selected(long[] newDims, ToIntFunction<long[]> source) {
    int count = requireSmall(newDims);
    List<@Nullable Size> picked = new ArrayList<>(count);
    long[] index = new long[newDims.length];
    for (int i = 0; i < count; i++) {
      picked.add(elements.get(source.applyAsInt(index)));
      for (int axis = newDims.length - 1; axis >= 0 && ++index[axis] == newDims[axis]; axis--) {
        index[axis] = 0;
      }
    }
    return new SymbolicTensor(newDims, picked);
  }

  /** Position of the element at {@code index}. */
  int offset(long[] index) {
    long at = 0;
    for (int axis = 0; axis < dims.length; axis++) {
      at = at * dims[axis] + index[axis];
    }
    return (int) at;
  }

  /**
   * Position of the element at {@code index}, whose leading extra axes are ignored and which
   * repeats along extents 1.
   */
  int broadcastOffset(long[] index) {
    long at = 0;
    for (int axis = 0; axis < dims.length; axis++) {
      at = at * dims[axis] + (dims[axis] == 1 ? 0 : index[index.length - dims.length + axis]);
    }
    return (int) at;
  }

  /** Repeats along extents 1 up to {@code newDims}. */
  SymbolicTensor broadcastTo(long[] newDims) {
    return Arrays.equals(dims, newDims) ? this : selected(newDims, this::broadcastOffset);
  }

  /**
   * Applies an operation to the elements of two tensors of the same extents; it sees no unknown
   * ones.
   */
  SymbolicTensor combined(SymbolicTensor other, BinaryOperator<@Nullable Size> operation) {
    List<@Nullable Size> results = new ArrayList<>(elements.size());
    for (int i = 0; i < elements.size(); i++) {
      Size a = elements.get(i);
      Size b = other.elements.get(i);
      results.add(a == null || b == null ? null : operation.apply(a, b));
    }
    return new SymbolicTensor(dims, results);
  }

  /**
   * Pieces of equal extents but along {@code axis}, one after another; null if that is more than
   * can be followed.
   */
  static @Nullable SymbolicTensor concatenated(List<SymbolicTensor> pieces, int axis) {
    long[] dims = pieces.get(0).dims();
    dims[axis] = pieces.stream().mapToLong(piece -> piece.dims[axis]).sum();
    if (count(dims) > MAX_ELEMENTS) {
      return null;
    }
    long outer = count(Arrays.copyOf(dims, axis));
    List<@Nullable Size> all = new ArrayList<>();
    for (int i = 0; i < outer; i++) {
      for (SymbolicTensor piece : pieces) {
        int run = (int) (piece.elements.size() / outer);
        all.addAll(piece.elements.subList(i * run, (i + 1) * run));
      }
    }
    return new SymbolicTensor(dims, all);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims) + elements;
  }
}
