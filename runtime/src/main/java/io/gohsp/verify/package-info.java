/**
 * Whether two models compute the same: plausible inputs for any model ({@link
 * io.gohsp.verify.SampleInputs}), how far apart results may be and why ({@link
 * io.gohsp.verify.Tolerance}), and the judgement ({@link io.gohsp.verify.Verdict}). Depends on
 * {@code tensor}, {@code ir} and {@code ort}; start at {@link io.gohsp.verify.Verifier}.
 */
@NullMarked
package io.gohsp.verify;

import org.jspecify.annotations.NullMarked;
