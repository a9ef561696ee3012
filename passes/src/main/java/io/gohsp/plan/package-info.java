/**
 * What to keep: a plan says it per block, for people and files; {@link io.gohsp.plan.Keeps} says it
 * per factor, for the rewriter. How one is chosen, {@code selection} says. Depends on {@code axis}
 * and {@code vit}; start at {@link io.gohsp.plan.PruningPlan}.
 */
@NullMarked
package io.gohsp.plan;

import org.jspecify.annotations.NullMarked;
