package io.gohsp.ir;

import org.jspecify.annotations.Nullable;

/**
 * One extent as a file states it: a number, a symbol such as {@code batch}, or nothing at all.
 *
 * @param value the number, or -1
 * @param symbol the symbol, or null
 */
public record Dim(long value, @Nullable String symbol) {
  public static final Dim UNKNOWN = new Dim(-1, null);

  public static Dim of(long value) {
    return new Dim(value, null);
  }

  public static Dim of(String symbol) {
    return new Dim(-1, symbol);
  }

  private static final String AXIS = "_axis_";

  /** A symbol for an axis to which a file gives one that another axis of the tensor has too. */
  public static Dim ofAxis(String symbol, int axis) {
    return of(symbol + AXIS + axis);
  }

  /** Whether a symbol is one of {@link #ofAxis}, so that its name says nothing about the axis. */
  public static boolean isOfAxis(String symbol) {
    return symbol.matches(".*" + AXIS + "\\d+");
  }

  public boolean isKnown() {
    return value >= 0;
  }

  @Override
  public String toString() {
    return isKnown() ? Long.toString(value) : symbol == null ? "?" : symbol;
  }
}
