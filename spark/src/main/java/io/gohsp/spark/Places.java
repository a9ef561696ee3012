package io.gohsp.spark;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which executor does the tasks of which place: the same one as long as it lives and others have
 * about as many; places move to executors that have fewer. Executors are named as Spark names
 * preferred locations.
 */
final class Places {
  private final Map<Integer, String> executors = new TreeMap<>();

  /**
   * Assigns places.
   *
   * @param places of the tasks that are to be done
   * @param alive all executors there are
   * @return by place its executor; empty if there are none
   */
  synchronized Map<Integer, String> assign(SortedSet<Integer> places, SortedSet<String> alive) {
    executors.values().removeIf(executor -> !alive.contains(executor));
    Map<String, TreeSet<Integer>> all = new HashMap<>();
    alive.forEach(executor -> all.put(executor, new TreeSet<>()));
    if (alive.isEmpty()) {
      return Map.of();
    }
    places.stream()
        .filter(executors::containsKey)
        .forEach(place -> all.get(executors.get(place)).add(place));
    for (int place : places) {
      if (!executors.containsKey(place)) {
        all.get(ordered(alive, all).get(0)).add(place);
      }
    }
    List<String> order = ordered(alive, all);
    String least = order.get(0);
    String most = order.get(order.size() - 1);
    while (all.get(most).size() > all.get(least).size() + 1) { // executors have come
      all.get(least).add(all.get(most).pollLast());
      order = ordered(alive, all);
      least = order.get(0);
      most = order.get(order.size() - 1);
    }
    all.forEach((executor, own) -> own.forEach(place -> executors.put(place, executor)));
    return places.stream().collect(Collectors.toMap(place -> place, executors::get));
  }

  /** Those with fewest places first. */
  private static List<String> ordered(
      SortedSet<String> alive, Map<String, ? extends Set<Integer>> all) {
    return alive.stream()
        .sorted(Comparator.comparingInt(executor -> all.get(executor).size())) // stable
        .toList();
  }
}
