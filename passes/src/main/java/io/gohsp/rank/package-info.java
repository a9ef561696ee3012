/**
 * Ranking of a block's heads on a graph. {@link io.gohsp.rank.HeadGraph} makes a model return how
 * similar its heads are, {@link io.gohsp.rank.MarkovChain} turns similarities into a stationary
 * distribution, {@link io.gohsp.rank.HeadRanking} into an order and into scores for a plan. That
 * heads are nodes, similarities edges, and importance an entry of the stationary distribution is
 * the method's; every formula here is our choice, because the method's are not published. Depends
 * on {@code lower}, {@code axis}, {@code vit}, {@code plan}, {@code rewrite} and {@code shape}.
 * Start at {@link io.gohsp.rank.HeadGraph}.
 */
@NullMarked
package io.gohsp.rank;

import org.jspecify.annotations.NullMarked;
