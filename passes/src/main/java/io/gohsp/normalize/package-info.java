/**
 * Rewrites that change how a model is written but not what it computes, so that every block can
 * lose what it likes: local functions inlined, constants that blocks merely share by value copied,
 * packed projections taken apart before their heads are told apart, sums over stacks written as
 * additions. They run on copies; {@link io.gohsp.normalize.MergeCopies} undoes what was not needed.
 * Depends on {@code axis} and {@code shape}.
 */
@NullMarked
package io.gohsp.normalize;

import org.jspecify.annotations.NullMarked;
