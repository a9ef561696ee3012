/**
 * What is already dead: an abstract interpretation proves which positions of which values are
 * always zero, and from that which heads, columns and neurons contribute nothing. Nothing is
 * sampled; what cannot be proved counts as alive. Depends on {@code axis}, {@code vit}, {@code
 * plan}, {@code prune} (for the normalised model), {@code op} and {@code shape}; start at {@link
 * io.gohsp.zero.DeadUnits}.
 */
@NullMarked
package io.gohsp.zero;

import org.jspecify.annotations.NullMarked;
