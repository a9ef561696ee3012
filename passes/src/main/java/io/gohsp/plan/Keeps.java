package io.gohsp.plan;

import io.gohsp.axis.AxisLayout;
import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.Factor;
import io.gohsp.shape.Size;
import io.gohsp.tensor.Selection;
import io.gohsp.vit.Coordinates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What stays of every factor that loses something, and what that does to layouts and tensors. */
public final class Keeps {
  private final Map<Factor, Keep> byFactor;

  /** Factors that keep everything are left out. */
  public Keeps(Map<Factor, Keep> byFactor) {
    Map<Factor, Keep> some = new LinkedHashMap<>();
    byFactor.forEach(
        (factor, keep) -> {
          if (!keep.isAll(factor.count())) {
            some.put(factor, keep);
          }
        });
    this.byFactor = Collections.unmodifiableMap(some);
  }

  /** Nothing is removed. */
  public boolean isEmpty() {
    return byFactor.isEmpty();
  }

  /** The factors that lose something. */
  public Map<Factor, Keep> byFactor() {
    return byFactor;
  }

  /** The same, but of factors outside the layout nothing goes. */
  public Keeps within(AxisLayout layout) {
    Set<Factor> factors = layout.factors().collect(Collectors.toSet());
    Map<Factor, Keep> some = new LinkedHashMap<>(byFactor);
    some.keySet().retainAll(factors);
    return new Keeps(some);
  }

  /** Whether nothing stays of a layout: of all that is added up over it, not one position. */
  public boolean empties(AxisLayout layout) {
    if (layout instanceof Leaf leaf) {
      Keep keep = byFactor.get(leaf.factor());
      return keep != null && keep.count() == 0;
    }
    return layout instanceof Product product
        ? product.parts().stream().anyMatch(this::empties)
        : ((Sum) layout).parts().stream().allMatch(this::empties);
  }

  /** Whether any factor of the layout loses something. */
  public boolean touches(AxisLayout layout) {
    return layout.factors().anyMatch(byFactor::containsKey);
  }

  /** The extent of a layout afterwards. */
  public Size size(AxisLayout layout) {
    if (layout instanceof Leaf leaf) {
      Keep keep = byFactor.get(leaf.factor());
      return keep == null ? leaf.size() : Size.of(keep.count());
    }
    if (layout instanceof Product product) {
      return product.parts().stream().map(this::size).reduce(Size.of(1), Size::times);
    }
    return ((Sum) layout).parts().stream().map(this::size).reduce(Size.of(0), Size::plus);
  }

  /**
   * What stays of a tensor.
   *
   * @param axes the layouts of its axes, of known size
   */
  public Selection selection(List<AxisLayout> axes) {
    List<Selection.Axis> choices = new ArrayList<>();
    for (int axis = 0; axis < axes.size(); axis++) {
      choices.add(
          touches(axes.get(axis))
              ? choice(axes, axis)
              : Selection.Axis.all(extent(axes.get(axis))));
    }
    return new Selection(choices);
  }

  private Selection.Axis choice(List<AxisLayout> axes, int axis) {
    List<Integer> others = otherAxesThatDecide(axes, axis);
    int rows =
        others.stream().mapToInt(other -> extent(axes.get(other))).reduce(1, Math::multiplyExact);
    int[][] kept = new int[rows][];
    Presence presence = new Presence(axes);
    int[] position = new int[axes.size()];
    int longest = 0;
    for (int row = 0; row < rows; row++) {
      int rest = row;
      for (int i = others.size() - 1; i >= 0; i--) {
        int extent = extent(axes.get(others.get(i)));
        position[others.get(i)] = rest % extent;
        rest /= extent;
      }
      int[] some = new int[extent(axes.get(axis))];
      int count = 0;
      for (int p = 0; p < some.length; p++) {
        position[axis] = p;
        if (presence.stays(axis, position)) {
          some[count++] = p;
        }
      }
      kept[row] = Arrays.copyOf(some, count);
      longest = Math.max(longest, count);
    }
    return new Selection.Axis(extent(axes.get(axis)), others, kept);
  }

  /**
   * Axes that hold factors on which the choice along {@code axis} depends, and which {@code axis}
   * does not hold itself.
   */
  private List<Integer> otherAxesThatDecide(List<AxisLayout> axes, int axis) {
    List<Factor> own = axes.get(axis).factors().toList();
    List<Factor> needed =
        own.stream()
            .filter(byFactor::containsKey)
            .flatMap(factor -> byFactor.get(factor).dependsOn().stream())
            .filter(factor -> !own.contains(factor))
            .distinct()
            .toList();
    List<Integer> others = new ArrayList<>();
    for (int other = 0; other < axes.size(); other++) {
      if (other != axis && axes.get(other).factors().anyMatch(needed::contains)) {
        others.add(other);
      }
    }
    return others;
  }

  /**
   * Which elements of a tensor stay, over the axes that lose something or decide what others lose:
   * extents (1 for the rest) and a row-major array of ones and zeroes.
   *
   * @param axes layouts for which {@link #isMaskable} holds
   */
  public Mask mask(List<AxisLayout> axes) {
    Set<Factor> deciding = deciding(axes);
    long[] dims =
        axes.stream().mapToLong(layout -> matters(layout, deciding) ? extent(layout) : 1).toArray();
    int elements = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    float[] values = new float[elements];
    Presence presence = new Presence(axes);
    int[] position = new int[dims.length];
    for (int element = 0; element < elements; element++) {
      int rest = element;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        position[axis] = (int) (rest % dims[axis]);
        rest /= (int) dims[axis];
      }
      boolean stays = true;
      for (int axis = 0; axis < dims.length; axis++) {
        stays &= presence.stays(axis, position);
      }
      values[element] = stays ? 1 : 0;
    }
    return new Mask(dims, values);
  }

  /** Whether the extents that a mask needs are known. */
  public boolean isMaskable(List<AxisLayout> axes) {
    Set<Factor> deciding = deciding(axes);
    return axes.stream().allMatch(layout -> layout.size().isKnown() || !matters(layout, deciding));
  }

  /** Factors that decide what others lose. */
  private Set<Factor> deciding(List<AxisLayout> axes) {
    return axes.stream()
        .flatMap(AxisLayout::factors)
        .filter(byFactor::containsKey)
        .flatMap(factor -> byFactor.get(factor).dependsOn().stream())
        .collect(Collectors.toSet());
  }

  private boolean matters(AxisLayout layout, Set<Factor> deciding) {
    return touches(layout) || layout.factors().anyMatch(deciding::contains);
  }

  /** A mask: extents and ones (stays) or zeroes (goes). */
  @SuppressWarnings("ArrayRecordComponent") // made and read once, never compared
  public record Mask(long[] dims, float[] values) {}

  private static int extent(AxisLayout layout) {
    return Math.toIntExact(layout.size().value());
  }

  /** Tells whether a position of one axis stays, given where the others stand. */
  private final class Presence {
    private final List<Map<Factor, int[]>> coordinates = new ArrayList<>();
    private final Map<Factor, boolean[][]> kept = new LinkedHashMap<>();

    Presence(List<AxisLayout> axes) {
      for (AxisLayout layout : axes) {
        Map<Factor, int[]> here = new LinkedHashMap<>();
        if (layout.size().isKnown()) {
          layout
              .factors()
              .filter(this::matters)
              .distinct()
              .forEach(f -> here.put(f, Coordinates.of(layout, f)));
        }
        coordinates.add(here);
      }
      byFactor.forEach((factor, keep) -> kept.put(factor, keep.kept(factor.count())));
    }

    private boolean matters(Factor factor) {
      return byFactor.containsKey(factor)
          || byFactor.values().stream().anyMatch(keep -> keep.dependsOn().contains(factor));
    }

    boolean stays(int axis, int[] position) {
      for (Map.Entry<Factor, int[]> entry : coordinates.get(axis).entrySet()) {
        Keep keep = byFactor.get(entry.getKey());
        int coordinate = entry.getValue()[position[axis]];
        if (keep == null || coordinate < 0) {
          continue;
        }
        boolean[][] rows = kept.get(entry.getKey());
        if (rows != null && !rows[row(keep, axis, position)][coordinate]) {
          return false;
        }
      }
      return true;
    }

    private int row(Keep keep, int axis, int[] position) {
      int row = 0;
      for (Factor decider : keep.dependsOn()) {
        Integer at = coordinate(decider, axis, position);
        row = row * decider.count() + (at == null ? 0 : at);
      }
      return row;
    }

    /** Where {@code factor} stands: on this very axis if it has it, else on any other. */
    private @Nullable Integer coordinate(Factor factor, int first, int[] position) {
      int[] own = coordinates.get(first).get(factor);
      if (own != null && own[position[first]] >= 0) {
        return own[position[first]];
      }
      for (int axis = 0; axis < coordinates.size(); axis++) {
        int[] here = coordinates.get(axis).get(factor);
        if (here != null && here[position[axis]] >= 0) {
          return here[position[axis]];
        }
      }
      return null;
    }
  }
}
