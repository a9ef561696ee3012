package io.gohsp.data;

import io.gohsp.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.List;

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

  /** One sample's row of the {@code field}-th array: read-only, little-endian. */
  ByteBuffer row(int index, int field);

  @Override
  default NamedArrays subset(int[] indices) {
    return new ArraySubset(this, indices.clone());
  }
}
