/**
 * Whether two models compute the same: plausible inputs for any model ({@link
 * io.gohsp.verify.SampleInputs}), how far each element may be off by its own scale ({@link
 * io.gohsp.verify.OutputComparison}) and by the model's measured rounding ({@link
 * io.gohsp.verify.Rounding}), and the judgement ({@link io.gohsp.verify.Verdict}). Depends on
 * {@code tensor}, {@code ir}, {@code op} and {@code ort}; start at {@link
 * io.gohsp.verify.Verifier}.
 */
@NullMarked
package io.gohsp.verify;

import org.jspecify.annotations.NullMarked;
