/**
 * How what stays is chosen: scores of heads, columns and neurons, or tables of what losing them
 * costs, wishes and a budget become a plan. Depends on {@code plan}, which says what one is, {@code
 * axis}, {@code vit} and {@code cost}; start at {@link io.gohsp.selection.PlanSelector}.
 */
@NullMarked
package io.gohsp.selection;

import org.jspecify.annotations.NullMarked;
