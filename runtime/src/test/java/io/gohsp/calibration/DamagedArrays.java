package io.gohsp.calibration;

import io.gohsp.data.NamedArrays;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;

/** Rows of which some cannot be used: their first number is NaN. */
public record DamagedArrays(RandomArrays rows, Set<Integer> damaged) implements NamedArrays {
  @Override
  public List<Field> fields() {
    return rows.fields();
  }

  @Override
  public ByteBuffer row(int index, int field) {
    ByteBuffer row = rows.row(index, field).order(ByteOrder.LITTLE_ENDIAN);
    return damaged.contains(index) ? row.putFloat(0, Float.NaN) : row;
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public boolean isLabelled() {
    return rows.isLabelled();
  }

  @Override
  public int label(int index) {
    return rows.label(index);
  }

  @Override
  public List<String> classes() {
    return rows.classes();
  }

  @Override
  public String name(int index) {
    return rows.name(index);
  }
}
