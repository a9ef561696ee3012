/**
 * What a model costs: parameters, multiply-accumulates, bytes. Depends on {@code shape} and below,
 * changes nothing. Start at {@link io.gohsp.cost.CostModel}; {@link io.gohsp.cost.MacRules} lists
 * what is counted per operator.
 */
@NullMarked
package io.gohsp.cost;

import org.jspecify.annotations.NullMarked;
