package io.gohsp.ir;

import java.util.HashSet;
import java.util.Set;

/**
 * The value names of one model, nested graphs included. Names that exist are never changed: users'
 * feeds and profiling tools depend on them.
 */
public final class NameScope {
  private final Set<String> taken = new HashSet<>();

  /** Returns whether the name was free until now. */
  boolean claim(String name) {
    return taken.add(name);
  }

  void release(String name) {
    taken.remove(name);
  }

  /**
   * A free name: {@code hint} itself, or with the lowest number that makes it free. Not yet
   * claimed.
   */
  public String fresh(String hint) {
    String candidate = hint;
    for (int i = 1; taken.contains(candidate); i++) {
      candidate = hint + "_" + i;
    }
    return candidate;
  }
}
