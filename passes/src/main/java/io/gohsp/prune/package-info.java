/**
 * The rewrite itself: weights are sliced, then whatever states an extent (shape operands,
 * attributes, declared types) is brought in line, and computed values that depended on an extent
 * keep their original value. Changes nothing else. Depends on {@code axis}, {@code plan} and {@code
 * shape}; start at {@link io.gohsp.prune.PrunePass}.
 */
@NullMarked
package io.gohsp.prune;

import org.jspecify.annotations.NullMarked;
