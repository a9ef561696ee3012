package io.gohsp.plan;

import io.gohsp.axis.Factor;
import java.util.Arrays;
import java.util.List;

/**
 * Which positions of one factor stay.
 *
 * @param dependsOn factors along which the choice differs; empty for one choice
 * @param rows the positions kept, rising; one row for each combination of the ORIGINAL positions of
 *     {@code dependsOn}, the first being the major one; all rows are of one length
 */
public record Keep(List<Factor> dependsOn, List<List<Integer>> rows) {
  public Keep {
    dependsOn = List.copyOf(dependsOn);
    rows = rows.stream().map(List::copyOf).toList();
    int expected = dependsOn.stream().mapToInt(Factor::count).reduce(1, Math::multiplyExact);
    int length = rows.isEmpty() ? 0 : rows.get(0).size();
    if (rows.size() != expected || rows.stream().anyMatch(row -> row.size() != length)) {
      throw new IllegalArgumentException("not " + expected + " rows of one length: " + rows);
    }
  }

  /** The same positions everywhere. */
  public static Keep of(List<Integer> positions) {
    return new Keep(List.of(), List.of(positions));
  }

  /** How many positions stay. */
  public int count() {
    return rows.get(0).size();
  }

  /** For every row, whether each of {@code size} positions stays. */
  boolean[][] kept(int size) {
    boolean[][] kept = new boolean[rows.size()][size];
    for (int i = 0; i < kept.length; i++) {
      boolean[] row = kept[i];
      rows.get(i).forEach(position -> row[position] = true);
    }
    return kept;
  }

  /** Whether all of {@code size} positions stay. */
  boolean isAll(int size) {
    return count() == size;
  }

  @Override
  public String toString() {
    return Arrays.toString(rows.toArray()) + (dependsOn.isEmpty() ? "" : " by " + dependsOn);
  }
}
