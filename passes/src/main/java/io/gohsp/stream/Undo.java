package io.gohsp.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Changes of collections that can be taken back, the last first. */
final class Undo {
  private final List<Runnable> steps = new ArrayList<>();

  /** How many changes there were; for {@link #backTo}. */
  int changes() {
    return steps.size();
  }

  /** Takes back all but the first {@code changes}; collections are in the same order as then. */
  void backTo(int changes) {
    while (steps.size() > changes) {
      steps.remove(steps.size() - 1).run();
    }
  }

  /** A change that is not of a collection. */
  void add(Runnable step) {
    steps.add(step);
  }

  <K, V extends @Nullable Object> void put(Map<K, V> map, K key, V value) {
    boolean known = map.containsKey(key);
    V old = map.put(key, value);
    steps.add(known ? () -> map.put(key, old) : () -> map.remove(key));
  }

  <E> void add(List<E> list, E element) {
    list.add(element);
    steps.add(() -> list.remove(list.size() - 1));
  }

  /** Of a set that may have the element. */
  <E> boolean add(Set<E> set, E element) {
    boolean added = set.add(element);
    if (added) {
      steps.add(() -> set.remove(element));
    }
    return added;
  }
}
