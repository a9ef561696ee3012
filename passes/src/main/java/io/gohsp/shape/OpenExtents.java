package io.gohsp.shape;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What symbols in the shapes of inputs stand for, given the tensors that are fed. */
public final class OpenExtents {
  private OpenExtents() {}

  /**
   * Without those that a model uses for extents which turn out to differ.
   *
   * @param declared shapes of inputs by name
   * @param given extents of tensors by name; of other inputs and ranks nothing is told
   */
  public static Map<String, Long> of(Map<String, List<Size>> declared, Map<String, long[]> given) {
    Map<String, Long> symbols = new HashMap<>();
    Set<String> ambiguous = new HashSet<>();
    declared.forEach(
        (name, shape) -> {
          long[] extents = given.get(name);
          if (extents != null && extents.length == shape.size()) {
            for (int i = 0; i < extents.length; i++) {
              List<String> names = shape.get(i).symbols().toList();
              if (names.size() == 1 && shape.get(i).equals(Size.symbol(names.get(0)))) {
                Long before = symbols.put(names.get(0), extents[i]);
                if (before != null && before != extents[i]) {
                  ambiguous.add(names.get(0));
                }
              }
            }
          }
        });
    symbols.keySet().removeAll(ambiguous);
    return symbols;
  }
}
