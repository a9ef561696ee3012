package io.gohsp.data;

import io.gohsp.ir.Dim;
import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Samples that are rows of arrays with names, ready to be fed to inputs of those names. */
public non-sealed interface NamedArrays extends Dataset {
  /**
   * One array.
   *
   * @param dims of one sample, without the batch
   */
  record Field(String name, ElementType type, List<Integer> dims) {
    public Field {
      dims = List.copyOf(dims);
    }

    /**
     * Whether batches of such samples have a shape.
     *
     * @param shape with the batch; null or none at all if nothing is declared
     */
    boolean fits(@Nullable List<Dim> shape) {
      if (shape == null || shape.isEmpty()) {
        return true;
      }
      if (shape.size() != dims.size() + 1) {
        return false;
      }
      for (int axis = 1; axis < shape.size(); axis++) {
        if (shape.get(axis).isKnown() && shape.get(axis).value() != dims.get(axis - 1)) {
          return false;
        }
      }
      return true;
    }

    /** Elements of one sample. */
    public int elements() {
      return dims.stream().reduce(1, Math::multiplyExact);
    }

    /** Bytes of one sample. */
    public int bytes() {
      return Math.toIntExact(type.bytes(elements()));
    }

    @Override
    public String toString() {
      return name + " " + type + dims;
    }
  }

  /** The arrays, labels left out. */
  List<Field> fields();

  /** What messages call the arrays as a whole: their file, or if there is none the first row. */
  default String where() {
    return size() == 0 ? "data" : name(0);
  }

  /** One sample's row of the {@code field}-th array: read-only, little-endian. */
  ByteBuffer row(int index, int field);

  @Override
  default NamedArrays subset(int[] indices) {
    return new ArraySubset(this, indices.clone());
  }
}
