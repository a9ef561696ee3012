package io.gohsp.shape;

import org.jspecify.annotations.Nullable;

/**
 * A way to compute a {@link Size} from its parts: with the numbers of one run, or by writing nodes.
 *
 * @param <T> what a size comes to
 */
public interface SizeArithmetic<T> {
  /** The operations that a size is made of. */
  enum Operation {
    PLUS,
    TIMES,
    /** Division rounded down; its divisor may turn out to be zero. */
    FLOOR,
    /** The remainder that goes with {@link #FLOOR}. */
    MOD,
    MIN,
    MAX
  }

  T number(long value);

  /**
   * What a symbol, or an expression as a whole, comes to. Null has an expression computed from its
   * parts; a symbol has none.
   */
  @Nullable T known(Size part);

  /** Null if that is not defined, as only a division by zero is not. */
  @Nullable T combine(Operation operation, T a, T b);
}
