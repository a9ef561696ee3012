/**
 * A second reading of a plan, which the first cannot mislead: where block 2, head 1, column 3 is,
 * found by following values through the graph and by running it, without axis factors and without
 * the recogniser's blocks. A pruned model must equal both references. Depends on {@code ir}, {@code
 * op}, {@code shape}, {@code plan} and {@code ort}, and on {@code prune} for what it cannot read;
 * start at {@link io.gohsp.witness.Witness}.
 */
@NullMarked
package io.gohsp.witness;

import org.jspecify.annotations.NullMarked;
