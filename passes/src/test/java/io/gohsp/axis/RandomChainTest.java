package io.gohsp.axis;

import static org.assertj.core.api.Assertions.assertThat;

import io.gohsp.axis.AxisLayout.Leaf;
import io.gohsp.axis.AxisLayout.Product;
import io.gohsp.axis.AxisLayout.Sum;
import io.gohsp.axis.RandomChain.Labels;
import io.gohsp.ir.Model;
import io.gohsp.plan.Keep;
import io.gohsp.plan.Keeps;
import io.gohsp.shape.ShapeInference;
import io.gohsp.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What the analysis promises, checked by brute force: if one position of a removable factor goes
 * wherever the factor occurs, then in every tensor the very same elements go.
 */
class RandomChainTest {
  private static final int CHAINS = 200;
  private static final int STEPS = 7;

  @Test
  void factorsCutEveryTensorAtTheSameElements() {
    int removable = 0;
    for (int seed = 0; seed < CHAINS; seed++) {
      removable += check(seed);
    }
    // Not vacuous: most chains leave something that can be cut.
    assertThat(removable).isGreaterThan(2 * CHAINS);
  }

  private static int check(int seed) {
    RandomChain chain = new RandomChain(seed, STEPS);
    Model model = chain.model();
    AxisAnalysis analysis = AxisAnalysis.of(model, ShapeInference.of(model));
    Map<String, List<AxisLayout>> layouts = new LinkedHashMap<>();
    analysis.layouts().forEach((value, axes) -> layouts.put(value.name(), axes));
    Set<Factor> factors = new LinkedHashSet<>();
    chain
        .values()
        .keySet()
        .forEach(name -> layouts.get(name).forEach(l -> l.factors().forEach(factors::add)));
    factors.removeIf(Factor::isFixed);
    for (Factor factor : factors) {
      for (int position = 0; position < factor.count(); position++) {
        List<AxisLayout> rootAxes = layouts.get(RandomChain.ROOT);
        Labels root = chain.values().get(RandomChain.ROOT);
        BitSet gone = new BitSet();
        for (int i = 0; i < root.at().length; i++) {
          gone.set(root.at()[i], removed(rootAxes, root, i, factor, position));
        }
        int p = position;
        chain
            .values()
            .forEach(
                (name, labels) ->
                    compare(
                        "seed " + seed + ", " + factor + "[" + p + "] in " + name,
                        labels,
                        layouts.get(name),
                        factor,
                        p,
                        gone));
      }
    }
    return factors.size();
  }

  private static void compare(
      String what, Labels labels, List<AxisLayout> axes, Factor factor, int position, BitSet gone) {
    float[] mask = new float[labels.at().length];
    List<Float> stays = new ArrayList<>();
    for (int i = 0; i < mask.length; i++) {
      boolean removed = removed(axes, labels, i, factor, position);
      assertThat(removed).as("%s, element %d", what, i).isEqualTo(gone.get(labels.at()[i]));
      mask[i] = removed ? 0 : 1;
      if (!removed) {
        stays.add((float) labels.at()[i]);
      }
    }
    List<Integer> kept =
        IntStream.range(0, factor.count()).filter(i -> i != position).boxed().toList();
    Keeps keeps = new Keeps(Map.of(factor, Keep.of(kept)));
    long[] dims = Arrays.stream(labels.dims()).asLongStream().toArray();
    float[] numbers = new float[mask.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = labels.at()[i];
    }
    Tensor sliced = Tensor.ofFloats(dims, numbers).select(keeps.selection(axes));
    assertThat(sliced.floats()).as("selection: %s", what).isEqualTo(floats(stays));
    for (int axis = 0; axis < axes.size(); axis++) {
      assertThat(keeps.size(axes.get(axis)).value()).as(what).isEqualTo(sliced.dim(axis));
    }
    assertThat(broadcast(keeps.mask(axes), labels.dims())).as("mask: %s", what).isEqualTo(mask);
  }

  private static float[] floats(List<Float> list) {
    float[] all = new float[list.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = list.get(i);
    }
    return all;
  }

  private static float[] broadcast(Keeps.Mask mask, int[] dims) {
    int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    float[] all = new float[size];
    for (int i = 0; i < size; i++) {
      int[] position = Labels.position(dims, i);
      int element = 0;
      for (int axis = 0; axis < dims.length; axis++) {
        long extent = mask.dims()[axis];
        element = (int) (element * extent + (extent == 1 ? 0 : position[axis]));
      }
      all[i] = mask.values()[element];
    }
    return all;
  }

  /** Whether an element goes with one position of a factor, which may occur on several axes. */
  private static boolean removed(
      List<AxisLayout> axes, Labels labels, int element, Factor factor, int position) {
    int[] at = Labels.position(labels.dims(), element);
    for (int axis = 0; axis < axes.size(); axis++) {
      if (holds(axes.get(axis), at[axis], factor, position)) {
        return true;
      }
    }
    return false;
  }

  /** Whether position {@code at} of a layout is at this position of the factor. */
  private static boolean holds(AxisLayout layout, int at, Factor factor, int position) {
    if (layout instanceof Leaf leaf) {
      return leaf.factor() == factor && at == position;
    }
    if (layout instanceof Sum sum) {
      int rest = at;
      for (AxisLayout part : sum.parts()) {
        int extent = (int) part.size().value();
        if (rest < extent) {
          return holds(part, rest, factor, position);
        }
        rest -= extent;
      }
      throw new AssertionError("beyond the end of " + layout);
    }
    List<AxisLayout> parts = ((Product) layout).parts();
    int rest = at;
    for (int i = parts.size() - 1; i >= 0; i--) {
      int extent = (int) parts.get(i).size().value();
      if (holds(parts.get(i), rest % extent, factor, position)) {
        return true;
      }
      rest /= extent;
    }
    return false;
  }
}
