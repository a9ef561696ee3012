package io.gohsp.text;

import io.gohsp.ir.Value;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that names stand for in a graph, and in the graphs around it. */
final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, Value> values = new HashMap<>();

  Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  void define(Value value) {
    values.put(value.name(), value);
  }

  /** A value of this very graph. */
  @Nullable Value own(String name) {
    return values.get(name);
  }

  /** A value of this graph or of one around it. */
  @Nullable Value find(String name) {
    Value value = own(name);
    return value != null || outer == null ? value : outer.find(name);
  }

  /** How many graphs this one is nested in. */
  int depth() {
    return outer == null ? 0 : outer.depth() + 1;
  }
}
