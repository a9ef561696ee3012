package io.gohsp.zero;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.Factor;
import io.gohsp.shape.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * How finely positions are told apart: those of the factors of interest and the segments of sums
 * one by one; all positions of any other factor (batch, tokens, width) count as one.
 */
final class Resolution {
  /** More positions than this are not told apart at all. */
  private static final long LIMIT = 1L << 24;

  private static final AxisLayout NOTHING = new Sum(List.of());

  private final Set<Factor> factors;

  /**
   * @param factors of known size
   */
  Resolution(Set<Factor> factors) {
    this.factors = Set.copyOf(factors);
  }

  /** The layout with every factor that does not matter shrunk to one position. */
  AxisLayout coarse(AxisLayout layout) {
    if (layout instanceof Leaf leaf) {
      return factors.contains(leaf.factor())
          ? leaf
          : leaf.size().equals(Size.ZERO) ? NOTHING : AxisLayout.UNIT;
    }
    if (layout instanceof Product product) {
      return new Product(product.parts().stream().map(this::coarse).toList());
    }
    return new Sum(((Sum) layout).parts().stream().map(this::coarse).toList());
  }

  /** Number of positions told apart; {@link Integer#MAX_VALUE} if that is beyond all reason. */
  int count(AxisLayout layout) {
    long count = countUpToLimit(layout);
    return count > LIMIT ? Integer.MAX_VALUE : (int) count;
  }

  private long countUpToLimit(AxisLayout layout) {
    if (layout instanceof Leaf leaf) {
      return factors.contains(leaf.factor())
          ? leaf.factor().count()
          : leaf.size().equals(Size.ZERO) ? 0 : 1;
    }
    boolean product = layout instanceof Product;
    long count = product ? 1 : 0;
    for (AxisLayout part : product ? ((Product) layout).parts() : ((Sum) layout).parts()) {
      long next = countUpToLimit(part);
      count = Math.min(LIMIT + 1, product ? count * next : count + next);
    }
    return count;
  }

  /** Whether a value with these axes is small enough to follow. */
  boolean covers(List<AxisLayout> axes) {
    return countUpToLimit(new Product(axes)) <= LIMIT;
  }

  /** For each position of a layout of known size, the one it counts as. */
  int[] positions(AxisLayout layout) {
    if (layout instanceof Leaf leaf) {
      int[] all = new int[leaf.factor().count()];
      if (factors.contains(leaf.factor())) {
        Arrays.setAll(all, i -> i);
      }
      return all;
    }
    if (layout instanceof Sum sum) {
      int[] all = {};
      int offset = 0;
      for (AxisLayout part : sum.parts()) {
        int[] inner = positions(part);
        int from = all.length;
        all = Arrays.copyOf(all, from + inner.length);
        for (int i = 0; i < inner.length; i++) {
          all[from + i] = offset + inner[i];
        }
        offset += count(part);
      }
      return all;
    }
    int[] all = {0};
    for (AxisLayout part : ((Product) layout).parts()) {
      int[] inner = positions(part);
      int[] outer = all;
      int stride = count(part);
      all = new int[outer.length * inner.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = outer[i / inner.length] * stride + inner[i % inner.length];
      }
    }
    return all;
  }

  /** Whether two layouts list the same positions in the same order, however they nest. */
  boolean same(AxisLayout a, AxisLayout b) {
    return a.equals(b) || (count(a) == count(b) && steps(a).equals(steps(b)));
  }

  /** For each position told apart what it is made of, major first. */
  private List<List<Step>> steps(AxisLayout layout) {
    List<List<Step>> all = new ArrayList<>();
    if (layout instanceof Leaf leaf) {
      boolean told = factors.contains(leaf.factor());
      int count = count(leaf);
      for (int i = 0; i < count; i++) {
        all.add(List.of(new Step(leaf.factor(), told ? i : -1)));
      }
    } else if (layout instanceof Sum sum) {
      sum.parts().forEach(part -> all.addAll(steps(part)));
    } else {
      all.add(List.of());
      for (AxisLayout part : ((Product) layout).parts()) {
        List<List<Step>> outer = List.copyOf(all);
        List<List<Step>> inner = steps(part);
        all.clear();
        for (List<Step> major : outer) {
          for (List<Step> minor : inner) {
            List<Step> both = new ArrayList<>(major);
            both.addAll(minor);
            all.add(both);
          }
        }
      }
    }
    return all;
  }

  /** A position of a factor; -1 for all of them. */
  private record Step(Factor factor, int position) {}
}
