package io.gohsp.data;

import java.nio.ByteBuffer;
import java.util.List;

/** Some of the rows of another dataset. */
final class ArraySubset extends Subset<NamedArrays> implements NamedArrays {
  ArraySubset(NamedArrays whole, int[] indices) {
    super(whole, indices);
  }

  @Override
  public List<Field> fields() {
    return whole().fields();
  }

  @Override
  public String where() {
    return whole().where();
  }

  @Override
  public ByteBuffer row(int index, int field) {
    return whole().row(indexInWhole(index), field);
  }
}
