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
 */
public record SoftSettings(double remainder, int projections, double freeze, boolean dual) {
  /**
   * At least 20 projections, frozen for the last 20 %, as METHOD.md says. It leaves 1e-3 of what is
   * marked from the start; a column that takes another's place half way would then end above the
   * hundredth that METHOD.md asks for, so 1e-4 it is. Without the dual, where METHOD.md has one: it
   * raises the norms of columns that were marked before, so that the projection of W + U swaps the
   * support from one projection to the next and no column stays marked long enough to become small
   * (measured on a ViT of digits: marked columns end above a tenth of those that stay, against less
   * than a hundredth without).
   */
  public static final SoftSettings STANDARD = new SoftSettings(1e-4, 25, 0.2, false);

  public SoftSettings {
    if (!(remainder > 0 && remainder < 1) || projections < 1 || !(freeze >= 0 && freeze <= 1)) {
      throw new InvalidOption(
          "soft pruning cannot leave %s of a weight in %d projections with the last %s frozen"
              .formatted(remainder, projections, freeze));
    }
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
