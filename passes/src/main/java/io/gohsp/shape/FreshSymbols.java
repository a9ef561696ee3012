package io.gohsp.shape;

import io.gohsp.ir.Value;
import java.util.HashMap;
import java.util.Map;

/** Symbols for extents that nothing names: {@code value#axis}. One analysis has one of these. */
final class FreshSymbols {
  private final Map<Key, Size> symbols = new HashMap<>();
  private final Map<Size, Key> keys = new HashMap<>();
  private final Map<String, Integer> taken = new HashMap<>();

  private record Key(Value value, int axis) {}

  /** The symbol for an extent of a value; always the same one for the same value and axis. */
  Size of(Value value, int axis) {
    Key key = new Key(value, axis);
    Size known = symbols.get(key);
    if (known != null) {
      return known;
    }
    String name = value.name() + "#" + axis;
    Size symbol = Size.symbol(name);
    while (keys.containsKey(symbol)) { // branches of an If may use the same names
      symbol = Size.symbol(name + "#" + taken.merge(name, 1, Integer::sum));
    }
    symbols.put(key, symbol);
    keys.put(symbol, key);
    return symbol;
  }

  /** Whether one of these symbols occurs in the size. */
  boolean occurIn(Size size) {
    return size.symbols().anyMatch(name -> isFresh(Size.symbol(name)));
  }

  /** Whether the size is one of these symbols. */
  boolean isFresh(Size size) {
    return keys.containsKey(size);
  }
}
