package io.gohsp.soft;

import io.gohsp.plan.InvalidOption;

/**
 * How strongly what is marked is pushed towards zero. METHOD.md section 3 leaves all of this open:
 * it is our choice.
 *
 * @param remainder what is left of an undisturbed weight at the end of the phase, as a part of what
 *     it was
 * @param handover whether what stays takes over what shrinks, as far as it can
 */
public record SoftSettings(double remainder, boolean handover) {
  /**
   * Less than 0.01 of what stays is asked for, after 80 updates too. Measured on a small ViT of
   * digits, worst of heads, columns and neurons after 80 and 400 updates: 0.014 and 0.007 at 1e-3,
   * 0.006 and 0.002 at 1e-4.
   */
  public static final SoftSettings STANDARD = new SoftSettings(1e-4, true);

  public SoftSettings {
    if (!(remainder > 0 && remainder < 1)) {
      throw new InvalidOption("soft pruning cannot leave %s of a weight".formatted(remainder));
    }
  }

  /** With or without handing over. */
  public SoftSettings withHandover(boolean whether) {
    return new SoftSettings(remainder, whether);
  }

  /**
   * The part by which a step shrinks what is marked: rises linearly from zero, and all steps
   * together leave {@link #remainder}. In terms of an augmented Lagrangian it is the learning rate
   * times λ or ρ; bound to the learning rate it would fade with it, while the steps of Adam do not
   * depend on the size of gradients.
   *
   * @param step from 0
   */
  double shrink(long step, long steps) {
    return -2 * Math.log(remainder) * (step + 1) / ((double) steps * (steps + 1));
  }
}
