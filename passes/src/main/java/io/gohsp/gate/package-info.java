/**
 * Gates: a multiplication by ones and zeroes in front of the contraction that consumes a factor.
 * With zeroes it is the exact reference that a pruned model must equal; {@code importance} takes
 * the gradient by it. Depends on {@code axis}, {@code plan} and {@code vit}; {@link
 * io.gohsp.gate.GatePlaces} says where gates go, {@link io.gohsp.gate.MaskGates} writes zeroes.
 */
@NullMarked
package io.gohsp.gate;

import org.jspecify.annotations.NullMarked;
