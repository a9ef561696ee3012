/**
 * Reverse-mode differentiation as a compiler pass: from a model and a loss to one graph that
 * returns the loss and the gradients of chosen parameters. {@link io.gohsp.autodiff.GradientRules}
 * is the table of formulas, {@link io.gohsp.autodiff.Backward} walks it, {@link
 * io.gohsp.autodiff.TrainingGraph} is what a trainer runs; start there. Depends on {@code lower},
 * {@code shape}, {@code op} and {@code rewrite}.
 */
@NullMarked
package io.gohsp.autodiff;

import org.jspecify.annotations.NullMarked;
