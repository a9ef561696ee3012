/**
 * What to keep: a plan says it per block, for people and files; {@link io.gohsp.plan.Keeps} says it
 * per factor, for the rewriter; scores, budgets and the selector between them decide it. Depends on
 * {@code axis}, {@code vit} and {@code cost}; start at {@link io.gohsp.plan.PruningPlan}.
 */
@NullMarked
package io.gohsp.plan;

import org.jspecify.annotations.NullMarked;
