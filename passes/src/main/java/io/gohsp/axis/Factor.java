package io.gohsp.axis;

import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Positions that stay or go together wherever they occur: the heads of a block, the hidden neurons
 * of an MLP, the batch. Compared by identity. While the analysis runs a factor may turn out to be
 * another one, or to be made of several; the results show only factors that are neither.
 */
public final class Factor {
  /** More reasons than this help nobody. */
  private static final int REASONS_KEPT = 4;

  private final int id;
  private final Size size;
  private final List<Fixed> fixed = new ArrayList<>();
  private @Nullable AxisLayout expansion;

  Factor(int id, Size size) {
    this.id = id;
    this.size = size;
  }

  /** Numbered in the order of discovery, which is the order of the graph. */
  public int id() {
    return id;
  }

  public Size size() {
    return size;
  }

  /** Number of positions; only for factors whose size is known. */
  public int count() {
    return Math.toIntExact(size.value());
  }

  /** Why nothing of this factor can be removed; empty if it can. */
  public List<Fixed> fixed() {
    return Collections.unmodifiableList(fixed);
  }

  public boolean isFixed() {
    return !fixed.isEmpty();
  }

  void fix(Fixed reason) {
    if (fixed.size() < REASONS_KEPT && !fixed.contains(reason)) {
      fixed.add(reason);
    }
  }

  /** What this factor turned out to be; null as long as it stands for itself. */
  @Nullable AxisLayout expansion() {
    return expansion;
  }

  void expand(AxisLayout layout) {
    expansion = layout;
  }

  @Override
  public String toString() {
    return "f" + id + ":" + size;
  }
}
