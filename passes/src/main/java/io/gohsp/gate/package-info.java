/**
 * Gates: a multiplication by ones and zeroes in front of the contraction that consumes a factor.
 * With zeroes it is the exact reference that a pruned model must equal. Depends on {@code axis},
 * {@code plan} and {@code vit}; start at {@link io.gohsp.gate.MaskGates}.
 */
@NullMarked
package io.gohsp.gate;

import org.jspecify.annotations.NullMarked;
