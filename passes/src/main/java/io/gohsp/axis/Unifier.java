package io.gohsp.axis;

import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.ir.BeyondBounds;
import io.gohsp.ir.Node;
import io.gohsp.shape.Size;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes layouts equal. Like unification of terms: a factor may become another factor or a tree of
 * new ones, never the reverse, so the order of the constraints does not matter for what hangs
 * together. Layouts that cannot be made equal become immovable, with the place as the reason; that
 * is always safe.
 */
final class Unifier {
  /** Parts of one axis, all levels together; real models have a tenth of it. */
  private static final int MAX_PARTS = 4096;

  /**
   * Axes that are split by each other in turns are split for ever; 1,500 MLPs have half of this.
   */
  private static final int MAX_FACTORS = 150_000;

  /** Products in sums in products: regrouping adds a level now and then. */
  private static final int MAX_DEPTH = 100;

  /** Parts looked at in all, for each factor there is and for every model. */
  private static final long EFFORT_PER_FACTOR = 20_000;

  private static final long EFFORT = 20_000_000;

  private int factors;
  private long effort;

  /** A factor nobody has seen; an axis with one position needs none. */
  AxisLayout fresh(Size size) {
    require(factors < MAX_FACTORS, "has axes of more than " + MAX_FACTORS + " factors");
    return isOne(size) ? AxisLayout.UNIT : new Leaf(new Factor(factors++, size));
  }

  /**
   * The layout in terms of factors that stand for themselves: products in products and sums in sums
   * are spliced.
   */
  AxisLayout resolve(AxisLayout layout) {
    return resolve(layout, 0);
  }

  private AxisLayout resolve(AxisLayout layout, int depth) {
    require(depth <= MAX_DEPTH, "has an axis whose parts have parts, " + MAX_DEPTH + " times over");
    if (layout instanceof Leaf leaf) {
      AxisLayout expansion = leaf.factor().expansion();
      if (expansion == null) {
        return leaf;
      }
      AxisLayout resolved = resolve(expansion, depth + 1);
      leaf.factor().expand(resolved);
      return resolved;
    }
    if (layout instanceof Product product) {
      List<AxisLayout> parts = new ArrayList<>();
      for (AxisLayout part : product.parts()) {
        AxisLayout resolved = resolve(part, depth + 1);
        if (resolved instanceof Product inner) {
          parts.addAll(inner.parts());
          effort += inner.parts().size();
        } else {
          parts.add(resolved);
        }
        limit(parts);
      }
      return product(parts);
    }
    List<AxisLayout> parts = new ArrayList<>();
    for (AxisLayout part : ((Sum) layout).parts()) {
      AxisLayout resolved = resolve(part, depth + 1);
      if (resolved instanceof Sum inner) {
        parts.addAll(inner.parts());
        effort += inner.parts().size();
      } else {
        parts.add(resolved);
      }
      limit(parts);
    }
    return sum(parts);
  }

  /** A concatenation of a value with itself, again and again, has parts without end. */
  private void limit(List<AxisLayout> parts) {
    effort++;
    require(parts.size() <= MAX_PARTS, "has an axis of more than " + MAX_PARTS + " parts");
    require(effort <= EFFORT + EFFORT_PER_FACTOR * factors, "has axes of too many parts to follow");
  }

  private static void require(boolean bounded, String problem) {
    if (!bounded) {
      throw new BeyondBounds(problem);
    }
  }

  /** Makes the two layouts one. */
  void unify(AxisLayout a, AxisLayout b, @Nullable Node where) {
    a = resolve(a);
    b = resolve(b);
    if (a.equals(b)) {
      return;
    }
    if (a instanceof Leaf leaf && b.size().equals(a.size())) {
      substitute(leaf.factor(), b, where);
    } else if (b instanceof Leaf leaf && b.size().equals(a.size())) {
      substitute(leaf.factor(), a, where);
    } else if (a instanceof Product p && b instanceof Product q) {
      align(p.parts(), q.parts(), where);
    } else if (a instanceof Sum s && b instanceof Sum t) {
      alignSegments(s.parts(), t.parts(), where);
    } else if (a instanceof Product p && b instanceof Sum s) {
      distribute(p, s, where);
    } else if (a instanceof Sum s && b instanceof Product p) {
      distribute(p, s, where);
    } else {
      conflict(List.of(a, b), where);
    }
  }

  /**
   * Makes two sequences equal as products, as a reshape between them says; the sizes multiply to
   * the same.
   */
  void unifyProducts(List<AxisLayout> a, List<AxisLayout> b, @Nullable Node where) {
    align(a, b, where);
  }

  /** Makes every factor of the layout immovable. */
  void fix(AxisLayout layout, Fixed reason) {
    resolve(layout).factors().forEach(factor -> factor.fix(reason));
  }

  private void substitute(Factor factor, AxisLayout replacement, @Nullable Node where) {
    if (replacement.factors().anyMatch(f -> f == factor)) {
      conflict(List.of(replacement), where);
      return;
    }
    // The older factor stays, so that numbering follows the graph.
    if (replacement instanceof Leaf other && other.factor().id() > factor.id()) {
      substitute(other.factor(), new Leaf(factor), where);
      return;
    }
    factor.expand(replacement);
    factor.fixed().forEach(reason -> fix(replacement, reason));
  }

  private void conflict(Collection<AxisLayout> layouts, @Nullable Node where) {
    Fixed reason = new Fixed(where, "its axes are regrouped in a way that cannot be followed");
    layouts.forEach(layout -> fix(layout, reason));
  }

  /**
   * Product against product: from the major end, then from the minor end, splitting whatever is
   * larger.
   */
  private void align(List<AxisLayout> a, List<AxisLayout> b, @Nullable Node where) {
    Deque<AxisLayout> left = flatten(a);
    Deque<AxisLayout> right = flatten(b);
    boolean major = true;
    int failures = 0;
    while (!left.isEmpty() && !right.isEmpty() && failures < 2) {
      if (alignOne(left, right, major, where)) {
        failures = 0;
      } else {
        failures++;
        major = !major;
      }
    }
    if (!left.isEmpty() || !right.isEmpty()) {
      left.addAll(right);
      conflict(left, where);
    }
  }

  /** Matches one pair at one end; false if neither size divides the other. */
  private boolean alignOne(
      Deque<AxisLayout> left, Deque<AxisLayout> right, boolean major, @Nullable Node where) {
    AxisLayout a = take(left, major);
    AxisLayout b = take(right, major);
    if (a.size().equals(b.size())) {
      unify(a, b, where);
      reflatten(left);
      reflatten(right);
      return true;
    }
    Size more = a.size().dividedBy(b.size());
    if (more != null) {
      AxisLayout rest = splitProduct(a, b, more, major, where);
      if (rest != null) {
        reflatten(left);
        reflatten(right);
        put(left, rest, major);
        return true;
      }
    }
    Size fewer = b.size().dividedBy(a.size());
    if (fewer != null) {
      AxisLayout rest = splitProduct(b, a, fewer, major, where);
      if (rest != null) {
        reflatten(left);
        reflatten(right);
        put(right, rest, major);
        return true;
      }
    }
    put(left, a, major);
    put(right, b, major);
    return false;
  }

  /**
   * Splits {@code whole} into {@code part} (at the given end) times a rest of size {@code
   * restSize}; returns the rest, or null if the whole has no such structure.
   */
  private @Nullable AxisLayout splitProduct(
      AxisLayout whole, AxisLayout part, Size restSize, boolean major, @Nullable Node where) {
    AxisLayout rest = fresh(restSize);
    List<AxisLayout> pair = major ? List.of(part, rest) : List.of(rest, part);
    if (whole instanceof Leaf leaf) {
      if (part.factors().anyMatch(f -> f == leaf.factor())) {
        return null;
      }
      substitute(leaf.factor(), new Product(pair), where);
      return rest;
    }
    if (whole instanceof Sum sum) {
      AxisLayout minor = major ? rest : part;
      AxisLayout outer = major ? part : rest;
      if (!splitSum(sum, outer, minor, where)) {
        return null;
      }
      return rest;
    }
    return null; // products were flattened before
  }

  /** Sum = outer * minor, where every segment is a multiple of minor and shares it. */
  private boolean splitSum(Sum sum, AxisLayout outer, AxisLayout minor, @Nullable Node where) {
    List<AxisLayout> segments = new ArrayList<>();
    for (AxisLayout child : sum.parts()) {
      Size count = child.size().dividedBy(minor.size());
      if (count == null) {
        return false;
      }
      segments.add(fresh(count));
    }
    unify(outer, new Sum(segments), where);
    for (int i = 0; i < segments.size(); i++) {
      align(List.of(sum.parts().get(i)), List.of(segments.get(i), minor), where);
    }
    return true;
  }

  /** Sum against sum: segment by segment, cutting whatever is longer. */
  private void alignSegments(List<AxisLayout> a, List<AxisLayout> b, @Nullable Node where) {
    Deque<AxisLayout> left = new ArrayDeque<>(a);
    Deque<AxisLayout> right = new ArrayDeque<>(b);
    while (!left.isEmpty() && !right.isEmpty()) {
      AxisLayout x = resolve(left.remove());
      AxisLayout y = resolve(right.remove());
      boolean leftSpliced = respliced(left, x);
      boolean rightSpliced = respliced(right, y);
      if (leftSpliced || rightSpliced) {
        if (!(x instanceof Sum)) {
          left.addFirst(x);
        }
        if (!(y instanceof Sum)) {
          right.addFirst(y);
        }
        continue;
      }
      if (x.size().equals(y.size())) {
        unify(x, y, where);
        continue;
      }
      if (!x.size().isKnown() || !y.size().isKnown()) {
        left.addFirst(x);
        right.addFirst(y);
        break;
      }
      boolean cutLeft = x.size().value() > y.size().value();
      AxisLayout longer = cutLeft ? x : y;
      AxisLayout shorter = cutLeft ? y : x;
      List<AxisLayout> pieces = cut(longer, shorter.size().value(), where);
      if (pieces.isEmpty()) {
        left.addFirst(x);
        right.addFirst(y);
        break;
      }
      unify(pieces.get(0), shorter, where);
      (cutLeft ? left : right).addFirst(pieces.get(1));
    }
    if (!left.isEmpty() || !right.isEmpty()) {
      left.addAll(right);
      conflict(left, where);
    }
  }

  private static boolean respliced(Deque<AxisLayout> queue, AxisLayout layout) {
    if (layout instanceof Sum sum) {
      for (int i = sum.parts().size() - 1; i >= 0; i--) {
        queue.addFirst(sum.parts().get(i));
      }
      return true;
    }
    return false;
  }

  /**
   * Cuts a layout after {@code at} positions into two; empty if its structure does not allow that.
   */
  private List<AxisLayout> cut(AxisLayout layout, long at, @Nullable Node where) {
    if (layout instanceof Leaf leaf) {
      AxisLayout head = fresh(Size.of(at));
      AxisLayout tail = fresh(Size.of(leaf.size().value() - at));
      substitute(leaf.factor(), new Sum(List.of(head, tail)), where);
      return List.of(head, tail);
    }
    if (layout instanceof Product product) {
      AxisLayout first = product.parts().get(0);
      AxisLayout rest = new Product(product.parts().subList(1, product.parts().size()));
      if (!rest.size().isKnown() || at % rest.size().value() != 0) {
        return List.of();
      }
      List<AxisLayout> pieces = cut(first, at / rest.size().value(), where);
      return pieces.stream().map(piece -> resolve(new Product(List.of(piece, rest)))).toList();
    }
    return List.of();
  }

  /** Product against sum: cut the major factor so that every segment is a multiple of the rest. */
  private void distribute(Product product, Sum sum, @Nullable Node where) {
    if (product.parts().isEmpty()) { // one position, and pieces without any
      conflict(List.of(sum), where);
      return;
    }
    AxisLayout first = product.parts().get(0);
    AxisLayout rest = product(product.parts().subList(1, product.parts().size()));
    List<AxisLayout> majors = new ArrayList<>();
    for (AxisLayout segment : sum.parts()) {
      Size count = segment.size().dividedBy(rest.size());
      if (count == null) {
        conflict(List.of(product, sum), where);
        return;
      }
      majors.add(fresh(count));
    }
    unify(first, new Sum(majors), where);
    for (int i = 0; i < majors.size(); i++) {
      unify(sum.parts().get(i), new Product(List.of(majors.get(i), rest)), where);
    }
  }

  private Deque<AxisLayout> flatten(Collection<AxisLayout> layouts) {
    Deque<AxisLayout> flat = new ArrayDeque<>();
    for (AxisLayout layout : layouts) {
      AxisLayout resolved = resolve(layout);
      if (resolved instanceof Product product) {
        flat.addAll(product.parts());
      } else {
        flat.add(resolved);
      }
    }
    return flat;
  }

  private void reflatten(Deque<AxisLayout> layouts) {
    Deque<AxisLayout> flat = flatten(layouts);
    layouts.clear();
    layouts.addAll(flat);
  }

  private void put(Deque<AxisLayout> layouts, AxisLayout layout, boolean first) {
    List<AxisLayout> flat = new ArrayList<>(flatten(List.of(layout)));
    if (first) {
      Collections.reverse(flat);
      flat.forEach(layouts::addFirst);
    } else {
      layouts.addAll(flat);
    }
  }

  private static AxisLayout take(Deque<AxisLayout> layouts, boolean first) {
    return first ? layouts.removeFirst() : layouts.removeLast();
  }

  private static AxisLayout product(List<AxisLayout> parts) {
    List<AxisLayout> several = parts.stream().filter(p -> !isOne(p.size())).toList();
    return several.size() == 1
        ? several.get(0)
        : several.isEmpty() ? AxisLayout.UNIT : new Product(several);
  }

  private static AxisLayout sum(List<AxisLayout> parts) {
    List<AxisLayout> some = parts.stream().filter(p -> !p.size().equals(Size.of(0))).toList();
    return some.size() == 1 ? some.get(0) : new Sum(some);
  }

  private static boolean isOne(Size size) {
    return size.isKnown() && size.value() == 1;
  }
}
