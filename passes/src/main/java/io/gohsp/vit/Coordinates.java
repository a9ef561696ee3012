package io.gohsp.vit;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.Factor;
import java.util.Arrays;

/** Which position of a factor each position of a layout is at. */
public final class Coordinates {
  /** More than any layer has; a file may state extents that no weight stands behind. */
  private static final long MAX_POSITIONS = 1 << 24;

  private Coordinates() {}

  /**
   * The coordinate in {@code factor} of every position of {@code layout}, whose size must be known;
   * -1 where the factor does not occur (another segment of a sum).
   *
   * @throws IllegalStateException if there are too many to list
   */
  public static int[] of(AxisLayout layout, Factor factor) {
    if (layout.size().value() > MAX_POSITIONS) {
      throw new IllegalStateException("an axis of " + layout.size() + " positions is not followed");
    }
    if (layout instanceof Leaf leaf) {
      int[] all = new int[leaf.factor().count()];
      if (leaf.factor() == factor) {
        Arrays.setAll(all, i -> i);
      } else {
        Arrays.fill(all, -1);
      }
      return all;
    }
    if (layout instanceof Sum sum) {
      return sum.parts().stream().flatMapToInt(part -> Arrays.stream(of(part, factor))).toArray();
    }
    int[] all = {-1};
    for (AxisLayout part : ((Product) layout).parts()) {
      int[] inner = of(part, factor);
      int[] outer = all;
      all = new int[outer.length * inner.length];
      for (int i = 0; i < all.length; i++) {
        int coordinate = inner[i % inner.length];
        all[i] = coordinate >= 0 ? coordinate : outer[i / inner.length];
      }
    }
    return all;
  }
}
