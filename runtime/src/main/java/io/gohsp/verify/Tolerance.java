package io.gohsp.verify;

/**
 * How far an element may be off and still count as equal, relative to its scale ({@link
 * OutputComparison}).
 *
 * @param name what it is called in reports
 * @param relative the largest difference allowed, by the scale of the element
 */
public record Tolerance(String name, double relative) {
  /**
   * What another order of summation may do: one contraction of a few thousand 32-bit terms moves by
   * about √K · 2⁻²⁴ ≈ 4e-6 of its scale, and two dozen blocks with a residual sum between them add
   * up to a few 1e-5; a right cut of a DeiT-Small has 1.2e-5 at the worst of its elements. Where a
   * model rounds more coarsely, that is measured ({@link Rounding}), not concluded from its element
   * types.
   */
  public static final Tolerance STANDARD = new Tolerance("per channel", 1e-4);

  /** What is told where neighbouring numbers of an element's type decided. */
  static final String LAST_BITS = "the last bits";

  /** What is told where the model's own rounding decided. */
  static final String MEASURED = "rounding as measured";

  public Tolerance {
    if (!(relative >= 0)) {
      throw new IllegalArgumentException("not a tolerance: " + relative);
    }
  }
}
