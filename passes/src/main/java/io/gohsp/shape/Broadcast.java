package io.gohsp.shape;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Broadcasting as elementwise operators do it: axes are aligned at the end, extents are equal or
 * one of them is 1.
 */
final class Broadcast {
  private Broadcast() {}

  /** Null if the rank of one of the shapes is unknown. */
  static @Nullable List<Size> shapes(NodeFacts facts, List<? extends @Nullable List<Size>> shapes) {
    int rank = 0;
    for (List<Size> shape : shapes) {
      if (shape == null) {
        return null;
      }
      rank = Math.max(rank, shape.size());
    }
    List<Size> result = new ArrayList<>(Collections.nCopies(rank, Size.ONE));
    for (List<Size> shape : shapes) {
      int offset = rank - shape.size();
      for (int axis = 0; axis < shape.size(); axis++) {
        result.set(offset + axis, extents(facts, result.get(offset + axis), shape.get(axis)));
      }
    }
    return List.copyOf(result);
  }

  /** Of two symbols one may be 1 at run time; then the larger is the result. */
  static Size extents(NodeFacts facts, Size a, Size b) {
    if (a.equals(b) || b.is(1)) {
      return a;
    }
    if (a.is(1)) {
      return b;
    }
    if (a.isKnown() && b.isKnown()) {
      throw facts.malformed("cannot broadcast an extent of " + a + " against " + b);
    }
    facts.meet(a, b);
    return a.isKnown() ? a : b.isKnown() ? b : Size.max(a, b);
  }
}
