package io.gohsp.soft;

import io.gohsp.plan.InvalidOption;

/**
 * How strongly, and how long, what is marked is pushed towards zero. METHOD.md section 3 leaves all
 * of this open: it is our choice.
 *
 * @param remainder what is left of an undisturbed weight at the end of the phase, as a part of what
 *     it was
 * @param projections how often what is marked is chosen again during the phase
 * @param freeze the last part of the phase, in which what is marked stays the same
 * @param dual whether columns also feel the sum of what was too large at earlier projections
 *     (ADMM); otherwise they are only shrunk
 * @param handover whether what stays takes over what shrinks, as far as it can
 */
public record SoftSettings(
    double remainder, int projections, double freeze, boolean dual, boolean handover) {
  /**
   * At least 20 projections, frozen for the last 20 %, as METHOD.md says. It leaves 1e-3 of what is
   * marked from the start; a column that takes another's place half way then ends larger, so 1e-4
   * it is. Without the dual, where METHOD.md has one: it raises the norms of columns that were
   * marked before, so that the projection of W + U swaps them in and out. Measured on a small ViT
   * of digits, worst of heads, columns and neurons after 80 and 400 updates: 0.53 and 0.066 with
   * the dual at 1e-3, 0.033 and 0.015 with it at 1e-4, 0.014 and 0.007 without it at 1e-3, 0.006
   * and 0.002 without it at 1e-4; less than 0.01 is asked for.
   */
  public static final SoftSettings STANDARD = new SoftSettings(1e-4, 25, 0.2, false, true);

  public SoftSettings {
    if (!(remainder > 0 && remainder < 1) || projections < 1 || !(freeze >= 0 && freeze <= 1)) {
      throw new InvalidOption(
          "soft pruning cannot leave %s of a weight in %d projections with the last %s frozen"
              .formatted(remainder, projections, freeze));
    }
  }

  /** With or without handing over. */
  public SoftSettings withHandover(boolean whether) {
    return new SoftSettings(remainder, projections, freeze, dual, whether);
  }

  /** With what is marked staying the same for another last part of the phase. */
  public SoftSettings withFreeze(double part) {
    return new SoftSettings(remainder, projections, part, dual, handover);
  }

  /**
   * The part by which a step shrinks what is marked: rises linearly from zero, and all steps
   * together leave {@link #remainder}. In terms of METHOD.md it is the learning rate times λ or ρ;
   * bound to the learning rate it would fade with it, while the steps of Adam do not depend on the
   * size of gradients.
   *
   * @param step from 0
   */
  double shrink(long step, long steps) {
    return -2 * Math.log(remainder) * (step + 1) / ((double) steps * (steps + 1));
  }
}
