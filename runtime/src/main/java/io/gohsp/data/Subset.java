package io.gohsp.data;

import java.util.List;

/**
 * What parts of a dataset have in common, whatever its samples are made of. Not a dataset itself:
 * those are either pictures or arrays.
 */
abstract class Subset<D extends Dataset> {
  private final D whole;
  private final int[] indices;

  Subset(D whole, int[] indices) {
    this.whole = whole;
    this.indices = indices;
  }

  /** The dataset that this is a part of. */
  final D whole() {
    return whole;
  }

  /** Where a sample of this part stands in the whole. */
  final int indexInWhole(int index) {
    return indices[index];
  }

  public final int size() {
    return indices.length;
  }

  public final boolean isLabelled() {
    return whole.isLabelled();
  }

  public final int label(int index) {
    return whole.label(indexInWhole(index));
  }

  public final List<String> classes() {
    return whole.classes();
  }

  public final String name(int index) {
    return whole.name(indexInWhole(index));
  }
}
