package io.gohsp.io;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * An order in which everything comes after what it needs, and otherwise as before.
 *
 * @param order indices of the items in that order; shorter than their number if there is a cycle
 * @param cycle the items of a cycle, each of which needs the one before it, beginning with the
 *     earliest; empty if there is none
 */
record TopologicalOrder(List<Integer> order, List<Integer> cycle) {
  /**
   * @param needs for each item, the indices of the items it needs
   */
  static TopologicalOrder of(List<List<Integer>> needs) {
    int count = needs.size();
    int[] missing = new int[count];
    Map<Integer, List<Integer>> neededBy = new HashMap<>();
    for (int item = 0; item < count; item++) {
      missing[item] = needs.get(item).size();
      for (int other : needs.get(item)) {
        neededBy.computeIfAbsent(other, k -> new ArrayList<>()).add(item);
      }
    }
    PriorityQueue<Integer> ready =
        new PriorityQueue<>(); // the earliest first: an order that is right stays
    for (int item = 0; item < count; item++) {
      if (missing[item] == 0) {
        ready.add(item);
      }
    }
    List<Integer> order = new ArrayList<>(count);
    while (!ready.isEmpty()) {
      int item = ready.remove();
      order.add(item);
      for (int follower : neededBy.getOrDefault(item, List.of())) {
        if (--missing[follower] == 0) {
          ready.add(follower);
        }
      }
    }
    return new TopologicalOrder(order, order.size() == count ? List.of() : cycle(needs, missing));
  }

  /** Follows unmet needs backwards until an item comes again. */
  private static List<Integer> cycle(List<List<Integer>> needs, int[] missing) {
    int item = 0;
    while (missing[item] == 0) {
      item++;
    }
    Map<Integer, Integer> position = new HashMap<>();
    List<Integer> path = new ArrayList<>();
    while (!position.containsKey(item)) {
      position.put(item, path.size());
      path.add(item);
      item = needs.get(item).stream().filter(n -> missing[n] > 0).findFirst().orElseThrow();
    }
    List<Integer> cycle = new ArrayList<>(path.subList(position.get(item), path.size()));
    Collections.reverse(cycle);
    Collections.rotate(cycle, -cycle.indexOf(Collections.min(cycle)));
    return List.copyOf(cycle);
  }
}
