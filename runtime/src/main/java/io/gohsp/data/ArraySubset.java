package io.gohsp.data;

import java.nio.ByteBuffer;
import java.util.List;

/** Some of the rows of another dataset. */
final class ArraySubset implements NamedArrays {
  private final NamedArrays whole;
  private final int[] indices;

  ArraySubset(NamedArrays whole, int[] indices) {
    this.whole = whole;
    this.indices = indices;
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public boolean isLabelled() {
    return whole.isLabelled();
  }

  @Override
  public int label(int index) {
    return whole.label(indices[index]);
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public String name(int index) {
    return whole.name(indices[index]);
  }

  @Override
  public List<Field> fields() {
    return whole.fields();
  }

  @Override
  public ByteBuffer row(int index, int field) {
    return whole.row(indices[index], field);
  }
}
