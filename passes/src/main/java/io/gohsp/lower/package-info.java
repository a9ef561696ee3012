/**
 * Rewrites on a copy that leave only operators that can be differentiated: local functions inlined,
 * older operator sets brought up to date, branches chosen between, half precision widened, fused
 * operators taken apart, GELU put together. Weights stay the same values, so that what is trained
 * finds its way back to the original. Start at {@link io.gohsp.lower.Lowering}. Depends on {@code
 * normalize}, {@code shape}, {@code op} and {@code rewrite}.
 */
@NullMarked
package io.gohsp.lower;

import org.jspecify.annotations.NullMarked;
