package io.gohsp.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Everything comes after what it needs, and a cycle is found if there is one. */
class TopologicalOrderTest {
  /** Needs that a hidden order satisfies, listed in another one. */
  @Property
  void everythingComesAfterWhatItNeeds(
      @ForAll @IntRange(max = 30) int count, @ForAll Random random) {
    List<Integer> hidden = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(hidden, random);
    List<List<Integer>> needs = new ArrayList<>();
    for (int item = 0; item < count; item++) {
      TreeSet<Integer> needed = new TreeSet<>();
      int position = hidden.indexOf(item);
      for (int i = 0; i < 3 && position > 0; i++) {
        needed.add(hidden.get(random.nextInt(position)));
      }
      needs.add(List.copyOf(needed));
    }
    TopologicalOrder order = TopologicalOrder.of(needs);
    assertThat(order.cycle()).isEmpty();
    assertThat(order.order()).hasSize(count).doesNotHaveDuplicates();
    for (int item = 0; item < count; item++) {
      for (int needed : needs.get(item)) {
        assertThat(order.order().indexOf(needed)).isLessThan(order.order().indexOf(item));
      }
    }
    assertThat(TopologicalOrder.of(sorted(needs, order.order())).order())
        .isEqualTo(IntStream.range(0, count).boxed().toList());
  }

  /** The same needs, with the items renumbered in their order. */
  private static List<List<Integer>> sorted(List<List<Integer>> needs, List<Integer> order) {
    return order.stream()
        .map(item -> needs.get(item).stream().map(order::indexOf).toList())
        .toList();
  }

  @Property
  void cycleIsOne(
      @ForAll @IntRange(min = 1, max = 10) int length, @ForAll @IntRange(max = 10) int others) {
    List<List<Integer>> needs = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      needs.add(List.of((i + length - 1) % length));
    }
    for (int i = 0; i < others; i++) {
      needs.add(List.of(needs.size() - 1)); // a tail that waits for the cycle
    }
    List<Integer> cycle = TopologicalOrder.of(needs).cycle();
    assertThat(cycle).hasSize(length).doesNotHaveDuplicates();
    for (int i = 0; i < length; i++) {
      assertThat(needs.get(cycle.get(i))).contains(cycle.get((i + length - 1) % length));
    }
  }
}
